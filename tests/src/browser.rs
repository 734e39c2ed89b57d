//! A browser in a machine, and Cockpit's login page in it.

use std::{fs, path::PathBuf, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{Machine, host};

/// Where chromedriver listens, in the machine.
const DRIVER: &str = "http://127.0.0.1:9515";
/// How long a page may take: as long as a user's program.
const PATIENCE: Duration = Duration::from_secs(30);

/// Keeps a picture of what a test shows in the directory `$SSPR_PICTURES`, if that is set.
pub fn keep_picture(name: &str, picture: &[u8]) {
    if let Some(directory) = std::env::var_os("SSPR_PICTURES").map(PathBuf::from) {
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(name), picture).unwrap();
    }
}

/// Chromium, without a window, through `WebDriver`.
#[derive(Debug)]
pub struct Browser<'a> {
    machine: &'a Machine,
    session: String,
}

impl<'a> Browser<'a> {
    /// Starts it in a machine of [`crate::Image::with_browser`].
    #[track_caller]
    pub fn start(machine: &'a Machine) -> Self {
        machine.must(&format!(
            "id browser >/dev/null 2>&1 || useradd --system --create-home browser
             systemd-run --quiet --unit=browser --uid=browser --working-directory=/home/browser \\
                 --setenv=HOME=/home/browser --setenv=LANG=C.UTF-8 chromedriver --port=9515
             timeout 30 sh -c 'until curl -sf {DRIVER}/status; do sleep 0.1; done'"
        ));
        let mut browser = Self { machine, session: String::new() };
        let options = json!({
            "binary": "/usr/bin/chromium",
            // The tests' machines have neither user namespaces for its sandbox nor a graphics card.
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--force-device-scale-factor=1", "--window-size=900,760"],
        });
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let made = browser.call("POST", "/session", &wanted).unwrap_or_else(|why| panic!("no browser: {why}"));
        browser.session = format!("/session/{}", made["sessionId"].as_str().unwrap());
        browser
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let body = if method == "POST" { format!("--data-binary @- <<'BODY'\n{body}\nBODY") } else { String::new() };
        let output = self.machine.run(&format!(
            "curl -s --max-time 50 -X {method} -H 'Content-Type: application/json' '{DRIVER}{}{path}' {body}",
            self.session
        ));
        let mut answer: Value = serde_json::from_str(&output.stdout).map_err(|why| format!("{why}: {output:?}"))?;
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", value["message"])),
            None => Ok(value),
        }
    }

    /// Opens a page, as a new visitor.
    #[track_caller]
    pub fn opens(&self, address: &str) {
        let opened = self
            .call("DELETE", "/cookie", &Value::Null)
            .and_then(|_| self.call("POST", "/url", &json!({"url": address})));
        assert!(opened.is_ok(), "{address}: {opened:?}");
    }

    /// Goes to a page, as the same visitor.
    #[track_caller]
    pub fn goes_to(&self, address: &str) {
        let went = self.call("POST", "/url", &json!({"url": address}));
        assert!(went.is_ok(), "{address}: {went:?}");
    }

    /// Waits for a frame of the page, and stays in it until another page is opened.
    #[track_caller]
    pub fn enters(&self, selector: &str) {
        host::wait_for("a frame of the page", PATIENCE, || {
            let frame = self.call("POST", "/element", &json!({"using": "css selector", "value": selector})).ok()?;
            self.call("POST", "/frame", &json!({"id": frame})).ok()
        });
    }

    /// The browser's complaints since the last call.
    #[track_caller]
    pub fn errors(&self) -> Vec<String> {
        let log = self.call("POST", "/se/log", &json!({"type": "browser"})).unwrap();
        let entries = log.as_array().cloned().unwrap_or_default();
        let bad = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        bad.filter_map(|entry| entry["message"].as_str().map(str::to_owned)).collect()
    }

    /// The result of a function in the page; also an error while one page replaces another.
    pub fn asks_the_page(&self, function: &str, arguments: &Value) -> Result<Value, String> {
        self.call("POST", "/execute/sync", &json!({"script": function, "args": arguments}))
    }

    /// Types into a field, as at a keyboard.
    #[track_caller]
    pub fn types(&self, id: &str, text: &str) {
        let typed = self
            .call("POST", "/element", &json!({"using": "css selector", "value": format!("#{id}")}))
            .and_then(|found| {
                let element = found
                    .as_object()
                    .and_then(|found| found.values().next())
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                self.call("POST", &format!("/element/{element}/clear"), &json!({}))?;
                if text.is_empty() {
                    Ok(Value::Null)
                } else {
                    self.call("POST", &format!("/element/{element}/value"), &json!({"text": text}))
                }
            });
        assert!(typed.is_ok(), "{id}: {typed:?}");
    }

    /// Keeps a picture of the page.
    #[track_caller]
    pub fn keeps_picture(&self, name: &str) {
        let picture = self.call("GET", "/screenshot", &Value::Null).unwrap();
        keep_picture(&format!("{name}.png"), &STANDARD.decode(picture.as_str().unwrap()).unwrap());
    }
}

impl Drop for Browser<'_> {
    fn drop(&mut self) {
        self.machine.run("systemctl stop browser");
    }
}

/// The state of Cockpit's login page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shows {
    /// The fields for name and password, and the error, if any.
    Fields(String),
    /// A question: the text above it, the question itself, and whether the answer is hidden.
    Question(String, String, bool),
    /// The page behind the login.
    Inside,
}

/// The page once it waits for the user. The text is read as it is drawn: line ends may be blanks there.
const LOOK: &str = r"
    const drawn = id => { const e = document.getElementById(id); return e && e.getClientRects().length ? e.innerText.trim() : null; };
    if (document.readyState !== 'complete') return null;
    if (!document.getElementById('login-button')) return {inside: document.title !== ''};
    const button = document.getElementById('login-button');
    if (button.disabled || button.hasAttribute('disabled') || drawn('login-button') === null) return null;
    const field = document.getElementById('conversation-input');
    if (field && field.getClientRects().length)
        return {message: drawn('conversation-message') || '', prompt: drawn('conversation-prompt') || '', hidden: field.type === 'password'};
    if (drawn('login-user-input') === null) return null;
    return {wrong: drawn('login-error-message') || drawn('error-group') || ''};
";

/// The time of each answer of the login, in milliseconds, as seen by the page.
const TIMES: &str = "return performance.getEntriesByType('resource').filter(e => e.name.endsWith('/login') && \
                     e.initiatorType === 'xmlhttprequest').map(e => e.duration)";

impl Browser<'_> {
    /// Opens Cockpit's login page and types name and password.
    #[track_caller]
    pub fn logs_in(&self, user: &str, password: &str) -> Shows {
        self.opens("http://localhost:9090/");
        let shown = self.waits();
        assert_eq!(shown, Shows::Fields(String::new()));
        self.types("login-user-input", user);
        self.types("login-password-input", password);
        self.presses_log_in()
    }

    /// Types an answer.
    #[track_caller]
    pub fn answers(&self, answer: &str) -> Shows {
        self.types("conversation-input", answer);
        self.presses_log_in()
    }

    #[track_caller]
    fn presses_log_in(&self) -> Shows {
        let pressed = self.asks_the_page("document.getElementById('login-button').click()", &json!([]));
        assert!(pressed.is_ok(), "{pressed:?}");
        self.waits()
    }

    /// Waits until the page waits for input.
    #[track_caller]
    fn waits(&self) -> Shows {
        host::wait_for("Cockpit's login page", PATIENCE, || {
            let shown = self.asks_the_page(LOOK, &json!([])).ok()?;
            let words = |key: &str| Some(shown.get(key)?.as_str()?.split_whitespace().collect::<Vec<_>>().join(" "));
            if shown.get("inside").and_then(Value::as_bool) == Some(true) {
                return Some(Shows::Inside);
            }
            match (words("message"), words("prompt"), words("wrong")) {
                (Some(message), Some(prompt), _) => Some(Shows::Question(message, prompt, shown["hidden"].as_bool()?)),
                (_, _, Some(wrong)) => Some(Shows::Fields(wrong)),
                _ => None,
            }
        })
    }

    /// The time of each answer on this page until the next question appeared, in milliseconds.
    #[track_caller]
    pub fn times(&self) -> Vec<f64> {
        let times = self.asks_the_page(TIMES, &json!([])).unwrap();
        times.as_array().unwrap().iter().filter_map(Value::as_f64).collect()
    }
}

impl Shows {
    /// A question whose text contains `above` and then `question`.
    #[track_caller]
    pub fn asks(&self, above: &str, question: &str) {
        let Self::Question(message, prompt, _) = self else { panic!("no question {question:?}: {self:?}") };
        let read = format!("{message} {prompt}");
        let rest = read.split_once(above).map(|(_, rest)| rest);
        assert!(rest.is_some_and(|rest| rest.contains(question)), "{above:?} and {question:?}: {self:?}");
    }
}
