//! The beat.

use super::*;
use crate::clock::SystemClock;

#[tokio::test(flavor = "current_thread")]
async fn what_is_said_on_the_beat_comes_after_whole_beats_however_long_it_took_to_find_out() {
    const BEAT: Duration = Duration::from_millis(30);
    let now = Instant::now();
    let (texts, clock) = (Arc::new(Texts::english()), Arc::new(SystemClock));
    let (mut conversation, mut steps, answers) = Conversation::new(texts, clock, now + Duration::from_mins(1));
    conversation.keep_time(Some(BEAT));
    let dialogue = tokio::spawn(async move {
        let _ = conversation.line("", "At once: ").await;
        // Longer than a beat, and shorter than two.
        tokio::time::sleep_until(conversation.heard + BEAT + BEAT / 3).await;
        let _ = conversation.line("", "Late: ").await;
        conversation.end(Standing::Finished, String::new()).await;
    });
    for (beats, prompt) in [(1, "At once: "), (2, "Late: "), (1, "")] {
        let asked = Instant::now();
        let step = steps.recv().await.unwrap();
        // The first beat is counted from the creation of the conversation, a moment before.
        let since = if beats == 1 && prompt == "At once: " { now } else { asked };
        assert!(since.elapsed() >= BEAT * beats, "{prompt:?} after {:?}", since.elapsed());
        assert_eq!(step.prompt, prompt);
        let _ = answers.send(Answer(Zeroizing::new(Vec::new()))).await;
    }
    dialogue.await.unwrap();
}
