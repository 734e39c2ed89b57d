//! A test double of Twilio's Messages and Calls resources, API version 2010-04-01, as documented: it accepts what
//! Twilio accepts and refuses what Twilio refuses, with the documented statuses, error codes and magic numbers.

use std::{
    collections::BTreeMap,
    io::Read as _,
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use crate::image::hex;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{Zoned, fmt::rfc2822};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tiny_http::{Header, Method, Request, Response, Server};

/// A text message that was accepted for delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sms {
    /// The receiver in E.164.
    pub to: String,
    /// The sender, or the messaging service.
    pub from: String,
    /// The text.
    pub body: String,
}

/// A call that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The number that is called, in E.164.
    pub to: String,
    /// The caller's number.
    pub from: String,
    /// The instructions for the call.
    pub twiml: String,
}

impl Call {
    /// The spoken words, one after another.
    pub fn said(&self) -> Vec<String> {
        let after_tags = self.twiml.split("<Say").skip(1).filter_map(|say| say.split_once('>'));
        after_tags.filter_map(|(_, say)| say.split_once("</Say>")).map(|(words, _)| words.to_owned()).collect()
    }

    /// The code: the single digits that are spoken, which must be the same both times.
    #[track_caller]
    pub fn code(&self) -> String {
        let is_digit = |word: &&String| word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit());
        let digits: String = self.said().iter().filter(is_digit).map(String::as_str).collect();
        let (once, again) = digits.split_at(digits.len() / 2);
        assert_eq!(once, again, "{}", self.twiml);
        once.to_owned()
    }
}

/// A running double. It ends when dropped.
#[derive(Debug)]
pub struct Twilio {
    state: Arc<Mutex<State>>,
    server: Handle,
}

struct Handle(Arc<Server>);

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server")
    }
}

#[derive(Debug)]
struct State {
    account: String,
    token: String,
    messages: Vec<Sms>,
    calls: Vec<Call>,
    requests: usize,
    busy: u32,
    retry_after: u32,
}

/// An answer: status, body, seconds for `Retry-After`.
type Answer = (u16, Value, Option<u32>);

impl Twilio {
    /// Serves one account on `listener`.
    pub fn serve(listener: TcpListener, account: &str, token: &str) -> Self {
        let state = State {
            account: account.into(),
            token: token.into(),
            messages: Vec::new(),
            calls: Vec::new(),
            requests: 0,
            busy: 0,
            retry_after: 0,
        };
        let state = Arc::new(Mutex::new(state));
        let server = Arc::new(Server::from_listener(listener, None).unwrap());
        thread::spawn({
            let (state, server) = (Arc::clone(&state), Arc::clone(&server));
            move || server.incoming_requests().for_each(|request| reply(request, &state))
        });
        Self { state, server: Handle(server) }
    }

    /// The messages accepted so far.
    pub fn messages(&self) -> Vec<Sms> {
        self.state.lock().unwrap().messages.clone()
    }

    /// The calls accepted so far.
    pub fn calls(&self) -> Vec<Call> {
        self.state.lock().unwrap().calls.clone()
    }

    /// How many requests came, accepted or not.
    pub fn requests(&self) -> usize {
        self.state.lock().unwrap().requests
    }

    /// Answers the next `times` requests with 429 and this `Retry-After`.
    pub fn busy(&self, times: u32, retry_after: u32) {
        let mut state = self.state.lock().unwrap();
        (state.busy, state.retry_after) = (times, retry_after);
    }
}

impl Drop for Twilio {
    fn drop(&mut self) {
        self.server.0.unblock();
    }
}

fn reply(mut request: Request, state: &Mutex<State>) {
    let mut body = String::new();
    let readable = request.as_reader().take(100_000).read_to_string(&mut body).is_ok();
    let header = |name: &'static str| {
        request.headers().iter().find(|h| h.field.equiv(name)).map(|h| h.value.as_str().to_owned())
    };
    let question = Question {
        post: *request.method() == Method::Post,
        path: request.url().to_owned(),
        authorization: header("Authorization"),
        content_type: header("Content-Type"),
        body: readable.then_some(body),
    };
    let (status, value, retry_after) = answer(&question, &mut state.lock().unwrap());
    let mut response = Response::from_string(value.to_string())
        .with_status_code(status)
        .with_header(Header::from_bytes("Content-Type", "application/json").unwrap());
    if let Some(seconds) = retry_after {
        response = response.with_header(Header::from_bytes("Retry-After", seconds.to_string()).unwrap());
    }
    // The caller may have hung up.
    let _ = request.respond(response);
}

struct Question {
    post: bool,
    path: String,
    authorization: Option<String>,
    content_type: Option<String>,
    body: Option<String>,
}

fn answer(question: &Question, state: &mut State) -> Answer {
    state.requests += 1;
    if state.busy > 0 {
        state.busy -= 1;
        let (status, value, _) = error(429, 20429, "Too Many Requests");
        return (status, value, Some(state.retry_after));
    }
    let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", state.account, state.token)));
    if question.authorization.as_deref() != Some(&expected) {
        return error(401, 20003, "Authenticate");
    }
    let path = question.path.split('?').next().unwrap_or_default();
    if path == format!("/2010-04-01/Accounts/{}.json", state.account) && !question.post {
        let account = json!({ "sid": state.account, "status": "active", "type": "Full", "friendly_name": "tests" });
        return (200, account, None);
    }
    let resource = path.strip_prefix(&format!("/2010-04-01/Accounts/{}/", state.account));
    let take: fn(&BTreeMap<String, String>, &mut State) -> Answer = match resource {
        Some("Messages.json") => take,
        Some("Calls.json") => take_call,
        _ => return error(404, 20404, &format!("The requested resource {path} was not found")),
    };
    if !question.post {
        return error(405, 20004, "Method not allowed");
    }
    let form = question.content_type.as_deref().unwrap_or_default();
    if form.split(';').next() != Some("application/x-www-form-urlencoded") {
        // Twilio reads no parameters from any other kind of body.
        return take(&BTreeMap::new(), state);
    }
    let Some(body) = &question.body else { return error(400, 20001, "The body is not UTF-8") };
    let fields: BTreeMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    take(&fields, state)
}

fn take(fields: &BTreeMap<String, String>, state: &mut State) -> Answer {
    let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let Some(to) = field("To") else { return error(400, 21604, "A 'To' phone number is required.") };
    let service = field("MessagingServiceSid");
    let Some(from) = service.or_else(|| field("From")) else {
        return error(400, 21603, "A 'From' phone number is required.");
    };
    let Some(text) = field("Body") else { return error(400, 21602, "Message body is required.") };
    if text.chars().count() > 1600 {
        return error(400, 21617, "The concatenated message body exceeds the 1600 character limit");
    }
    // The magic number that is always invalid.
    if !is_e164(to) || to == "+15005550001" {
        return error(400, 21211, &format!("Invalid 'To' Phone Number: {to}"));
    }
    if service.is_none() && (!is_e164(from) || from == "+15005550001") {
        return error(400, 21212, &format!("Invalid 'From' Phone Number: {from}"));
    }
    if service.is_some() && !is_sid(from, "MG") {
        return error(400, 21701, "The Messaging Service does not exist");
    }
    state.messages.push(Sms { to: to.into(), from: from.into(), body: text.into() });
    let number = state.messages.len();
    let sid = format!("SM{}", hex(&Sha256::digest(format!("{number} {to}"))[..16]));
    let uri = format!("/2010-04-01/Accounts/{}/Messages/{sid}", state.account);
    let now = rfc2822::to_string(&Zoned::now()).unwrap();
    let resource = json!({
        "account_sid": state.account, "api_version": "2010-04-01", "body": text, "date_created": now,
        "date_sent": null, "date_updated": now, "direction": "outbound-api", "error_code": null,
        "error_message": null, "from": if service.is_none() { json!(from) } else { Value::Null },
        "messaging_service_sid": service, "num_media": "0", "num_segments": text.chars().count().div_ceil(153).to_string(),
        "price": null, "price_unit": "USD", "sid": sid, "status": if service.is_none() { "queued" } else { "accepted" },
        "subresource_uris": { "media": format!("{uri}/Media.json") }, "to": to, "uri": format!("{uri}.json"),
    });
    (201, resource, None)
}

/// <https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource>
fn take_call(fields: &BTreeMap<String, String>, state: &mut State) -> Answer {
    let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let Some(to) = field("To") else { return error(400, 21201, "No 'To' number is specified") };
    let Some(from) = field("From") else { return error(400, 21213, "Caller phone number is required") };
    let Some(twiml) = field("Twiml") else { return error(400, 21205, "Url parameter is required.") };
    if twiml.chars().count() > 4000 {
        return error(400, 21205, "Twiml has more than 4000 characters");
    }
    if !is_e164(from) || from == "+15005550001" {
        return error(400, 21212, &format!("The phone number {from} is not a valid caller ID"));
    }
    match to {
        "+15005550001" => return error(400, 21217, &format!("Phone number {to} does not appear to be valid")),
        "+15005550002" => return error(400, 21214, &format!("The phone number {to} can't be reached")),
        "+15005550003" => return error(400, 21215, &format!("Account not authorized to call {to}")),
        "+15005550004" => return error(400, 21216, &format!("Account not allowed to call {to}")),
        number if !is_e164(number) => {
            return error(400, 21217, &format!("Phone number {to} does not appear to be valid"));
        }
        _ => {}
    }
    state.calls.push(Call { to: to.into(), from: from.into(), twiml: twiml.into() });
    let number = state.calls.len();
    let sid = format!("CA{}", hex(&Sha256::digest(format!("call {number} {to}"))[..16]));
    let uri = format!("/2010-04-01/Accounts/{}/Calls/{sid}", state.account);
    let resource = json!({
        "account_sid": state.account, "annotation": null, "answered_by": null, "api_version": "2010-04-01",
        "caller_name": null, "date_created": null, "date_updated": null, "direction": "outbound-api", "duration": null,
        "end_time": null, "forwarded_from": null, "from": from, "from_formatted": from, "group_sid": null,
        "parent_call_sid": null, "phone_number_sid": null, "price": null, "price_unit": "USD", "queue_time": "0",
        "sid": sid, "start_time": null, "status": "queued", "to": to, "to_formatted": to, "trunk_sid": null,
        "subresource_uris": { "notifications": format!("{uri}/Notifications.json") }, "uri": format!("{uri}.json"),
    });
    (201, resource, None)
}

fn error(status: u16, code: u32, message: &str) -> Answer {
    let value = json!({
        "code": code, "message": message, "status": status,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
    });
    (status, value, None)
}

fn is_e164(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 3] =
        [("To", "+819012345678"), ("From", "+15005550006"), ("Body", "012345 is your code")];

    fn state() -> State {
        State {
            account: "AC1".into(),
            token: "secret".into(),
            messages: Vec::new(),
            calls: Vec::new(),
            requests: 0,
            busy: 0,
            retry_after: 0,
        }
    }

    const GOOD_CALL: [(&str, &str); 3] = [
        ("To", "+819012345678"),
        ("From", "+15005550006"),
        ("Twiml", "<Response><Say>0</Say><Say>4</Say><Say>Again</Say><Say>0</Say><Say>4</Say></Response>"),
    ];

    fn dial(fields: &[(&str, &str)]) -> Question {
        Question { path: "/2010-04-01/Accounts/AC1/Calls.json".into(), ..post(fields) }
    }

    #[test]
    fn a_call_is_taken_and_what_it_says_can_be_heard() {
        let mut state = state();
        let (status, value, _) = answer(&dial(&GOOD_CALL), &mut state);
        assert_eq!((status, &value["status"], &value["to"]), (201, &json!("queued"), &json!("+819012345678")));
        assert!(is_sid(value["sid"].as_str().unwrap(), "CA"));
        assert_eq!(state.calls[0].code(), "04");
        assert_eq!(state.messages, []);
    }

    #[test]
    fn a_call_that_lacks_something_or_goes_nowhere_is_refused_with_the_documented_code() {
        let with = |name: &str, value: &str| {
            let fields: Vec<_> = GOOD_CALL.iter().map(|&(n, v)| (n, if n == name { value } else { v })).collect();
            refused(&dial(&fields))
        };
        assert_eq!(with("To", ""), (400, 21201));
        assert_eq!(with("From", ""), (400, 21213));
        assert_eq!(with("Twiml", ""), (400, 21205));
        assert_eq!(with("Twiml", &"x".repeat(4001)), (400, 21205));
        assert_eq!(with("From", "MG00000000000000000000000000000000"), (400, 21212));
        for (to, code) in [
            ("090-1234-5678", 21217),
            ("+15005550001", 21217),
            ("+15005550002", 21214),
            ("+15005550003", 21215),
            ("+15005550004", 21216),
        ] {
            assert_eq!(with("To", to), (400, code), "{to}");
        }
        assert_eq!(refused(&Question { authorization: None, ..dial(&GOOD_CALL) }), (401, 20003));
    }

    fn post(fields: &[(&str, &str)]) -> Question {
        Question {
            post: true,
            path: "/2010-04-01/Accounts/AC1/Messages.json".into(),
            authorization: Some(format!("Basic {}", BASE64_STANDARD.encode("AC1:secret"))),
            content_type: Some("application/x-www-form-urlencoded; charset=utf-8".into()),
            body: Some(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()),
        }
    }

    fn refused(question: &Question) -> (u16, u64) {
        let mut state = state();
        let (status, value, _) = answer(question, &mut state);
        assert_eq!((&state.messages, &state.calls), (&vec![], &vec![]));
        assert_eq!(value["status"], status);
        (status, value["code"].as_u64().unwrap())
    }

    #[test]
    fn a_whole_request_is_answered_with_the_resource_and_the_message_is_kept() {
        let mut state = state();
        let (status, value, _) = answer(&post(&GOOD), &mut state);
        assert_eq!((status, &value["status"], &value["to"]), (201, &json!("queued"), &json!("+819012345678")));
        assert!(is_sid(value["sid"].as_str().unwrap(), "SM"));
        assert_eq!(state.messages[0].body, "012345 is your code");
        assert!(rfc2822::parse(value["date_created"].as_str().unwrap()).is_ok());
    }

    #[test]
    fn a_wrong_token_a_strange_account_and_a_strange_path_are_refused() {
        let token = format!("Basic {}", BASE64_STANDARD.encode("AC1:other"));
        assert_eq!(refused(&Question { authorization: Some(token), ..post(&GOOD) }), (401, 20003));
        assert_eq!(refused(&Question { authorization: None, ..post(&GOOD) }), (401, 20003));
        let path = "/2010-04-01/Accounts/AC2/Messages.json".into();
        assert_eq!(refused(&Question { path, ..post(&GOOD) }), (404, 20404));
        assert_eq!(refused(&Question { post: false, ..post(&GOOD) }), (405, 20004));
    }

    #[test]
    fn what_is_missing_too_long_or_no_number_is_refused_with_the_documented_code() {
        let with = |name: &str, value: &str| {
            let fields: Vec<_> = GOOD.iter().map(|&(n, v)| (n, if n == name { value } else { v })).collect();
            refused(&post(&fields))
        };
        assert_eq!(with("To", ""), (400, 21604));
        assert_eq!(with("From", ""), (400, 21603));
        assert_eq!(with("Body", ""), (400, 21602));
        assert_eq!(with("Body", &"x".repeat(1601)), (400, 21617));
        for number in ["090-1234-5678", "+0123456789", "+81 90 1234 5678", "+15005550001", "819012345678"] {
            assert_eq!(with("To", number), (400, 21211), "{number}");
        }
        assert_eq!(with("From", "nobody"), (400, 21212));
        let json = Some("application/json".into());
        assert_eq!(refused(&Question { content_type: json, ..post(&GOOD) }), (400, 21604));
    }

    #[test]
    fn when_busy_it_says_how_long_to_wait_and_takes_the_message_afterwards() {
        let mut state = state();
        (state.busy, state.retry_after) = (1, 7);
        let (status, value, retry_after) = answer(&post(&GOOD), &mut state);
        assert_eq!((status, &value["code"], retry_after), (429, &json!(20429), Some(7)));
        assert_eq!(answer(&post(&GOOD), &mut state).0, 201);
    }
}
