//! The edge to C against a libpam written in Rust, which this test program has in place of the real one, so that Miri
//! can check it (`make miri`). The tests of the module file use the real libpam.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::c_void;
use std::ptr;
use std::time::Duration;

use super::*;

const SUCCESS: c_int = 0;
const SYSTEM_ERR: c_int = 4;
const CONV_ERR: c_int = 19;
const NO_MODULE_DATA: c_int = 18;

const TTY: c_int = 3;
const RHOST: c_int = 4;
const CONV: c_int = 5;
const AUTHTOK: c_int = 6;

#[repr(C)]
struct Message {
    style: c_int,
    text: *const c_char,
}

#[repr(C)]
struct Response {
    text: *mut c_char,
    code: c_int,
}

type Converse = extern "C" fn(c_int, *mut *const Message, *mut *mut Response, *mut c_void) -> c_int;

#[repr(C)]
struct Conversation {
    converse: Option<Converse>,
    data: *mut c_void,
}

type Cleanup = extern "C" fn(*mut PamHandle, *mut c_void, c_int);

/// What the host does at a question.
enum Does {
    Types(&'static [u8]),
    Fails,
    /// Succeeds, and returns a response without text, or none at all.
    BringsNoText,
    BringsNothing,
}

/// The one transaction of a test's thread.
#[derive(Default)]
struct Libpam {
    items: BTreeMap<c_int, CString>,
    environment: BTreeMap<CString, CString>,
    user: Option<CString>,
    passwd: Option<Box<libc::passwd>>,
    conversation: Option<Box<Conversation>>,
    does: VecDeque<Does>,
    shown: Vec<(c_int, String)>,
    data: Option<Kept>,
    times_data_was_set: u32,
    /// Refuses to store anything.
    full: bool,
}

/// A module's data, which libpam cleans up when it is replaced and at the end.
struct Kept {
    name: CString,
    data: *mut c_void,
    cleanup: Cleanup,
}

impl Drop for Kept {
    fn drop(&mut self) {
        (self.cleanup)(ptr::null_mut(), self.data, SUCCESS);
    }
}

thread_local! {
    static LIBPAM: RefCell<Libpam> = RefCell::default();
}

fn libpam<T>(look: impl FnOnce(&mut Libpam) -> T) -> T {
    LIBPAM.with_borrow_mut(look)
}

/// A transaction of `libpam`, begun as a host begins it.
fn host(begun: Libpam) -> PamHost<'static> {
    let mut begun = begun;
    begun.conversation = Some(Box::new(Conversation { converse: Some(converse), data: ptr::null_mut() }));
    libpam(|libpam| *libpam = begun);
    // SAFETY: the type has no size, so any aligned non-null pointer is a valid pointer to it.
    PamHost::new(unsafe { &mut *ptr::dangling_mut::<PamHandle>() }, 0)
}

fn text(text: &[u8]) -> CString {
    CString::new(text).unwrap()
}

/// SAFETY of all these functions: only the code under test calls them, with valid arguments. The values that they
/// return stay in `LIBPAM` until the test replaces them.
#[unsafe(no_mangle)]
extern "C" fn pam_get_item(_: *const PamHandle, item: c_int, out: *mut *const c_void) -> c_int {
    let value = libpam(|libpam| match item {
        CONV => libpam.conversation.as_deref().map_or(ptr::null(), |c| (&raw const *c).cast()),
        _ => libpam.items.get(&item).map_or(ptr::null(), |value| value.as_ptr().cast()),
    });
    // SAFETY: see above.
    unsafe { *out = value };
    SUCCESS
}

#[unsafe(no_mangle)]
extern "C" fn pam_set_item(_: *mut PamHandle, item: c_int, value: *const c_void) -> c_int {
    // SAFETY: see above.
    let value = unsafe { CStr::from_ptr(value.cast()) }.to_owned();
    libpam(|libpam| {
        if libpam.full {
            return SYSTEM_ERR;
        }
        libpam.items.insert(item, value);
        SUCCESS
    })
}

#[unsafe(no_mangle)]
extern "C" fn pam_get_user(_: *mut PamHandle, out: *mut *const c_char, _: *const c_char) -> c_int {
    let user = libpam(|libpam| libpam.user.as_ref().map_or(ptr::null(), |user| user.as_ptr()));
    // SAFETY: see above.
    unsafe { *out = user };
    SUCCESS
}

#[unsafe(no_mangle)]
extern "C" fn pam_get_data(_: *const PamHandle, name: *const c_char, out: *mut *const c_void) -> c_int {
    // SAFETY: see above.
    let name = unsafe { CStr::from_ptr(name) };
    let data = libpam(|libpam| libpam.data.as_ref().filter(|kept| kept.name.as_c_str() == name).map(|kept| kept.data));
    let Some(data) = data else { return NO_MODULE_DATA };
    // SAFETY: see above.
    unsafe { *out = data };
    SUCCESS
}

#[unsafe(no_mangle)]
extern "C" fn pam_set_data(_: *mut PamHandle, name: *const c_char, data: *mut c_void, cleanup: Cleanup) -> c_int {
    // SAFETY: see above.
    let name = unsafe { CStr::from_ptr(name) }.to_owned();
    libpam(|libpam| {
        if libpam.full {
            return SYSTEM_ERR;
        }
        libpam.times_data_was_set += 1;
        libpam.data = Some(Kept { name, data, cleanup });
        SUCCESS
    })
}

#[unsafe(no_mangle)]
extern "C" fn pam_getenv(_: *const PamHandle, name: *const c_char) -> *const c_char {
    // SAFETY: see above.
    let name = unsafe { CStr::from_ptr(name) };
    libpam(|libpam| libpam.environment.get(name).map_or(ptr::null(), |value| value.as_ptr()))
}

#[unsafe(no_mangle)]
extern "C" fn pam_modutil_getpwnam(_: *mut PamHandle, user: *const c_char) -> *const libc::passwd {
    // SAFETY: see above.
    let user = unsafe { CStr::from_ptr(user) };
    libpam(|libpam| match &libpam.passwd {
        Some(entry) if libpam.user.as_deref() == Some(user) => &raw const **entry,
        _ => ptr::null(),
    })
}

extern "C" fn converse(count: c_int, messages: *mut *const Message, out: *mut *mut Response, _: *mut c_void) -> c_int {
    assert_eq!(count, 1);
    // SAFETY: one message, as the count says; the response is allocated in the way that the caller frees it.
    unsafe {
        let message = &**messages;
        let shown = CStr::from_ptr(message.text).to_str().unwrap().to_owned();
        let does = libpam(|libpam| {
            libpam.shown.push((message.style, shown));
            libpam.does.pop_front()
        });
        let typed = match does {
            Some(Does::Types(typed)) => Some(typed),
            Some(Does::BringsNoText) => None,
            Some(Does::BringsNothing) => return SUCCESS,
            Some(Does::Fails) | None => return CONV_ERR,
        };
        let response = libc::calloc(1, size_of::<Response>()).cast::<Response>();
        if let Some(typed) = typed {
            let copy = libc::calloc(1, typed.len() + 1).cast::<u8>();
            ptr::copy_nonoverlapping(typed.as_ptr(), copy, typed.len());
            (*response).text = copy.cast();
        }
        *out = response;
    }
    SUCCESS
}

#[test]
fn a_place_is_short_text_whatever_the_host_says() {
    assert_eq!(place(c"/dev/tty1"), "/dev/tty1");
    assert_eq!(place(c"\x1b[31mevil\xff"), "[31mevil\u{fffd}");
    let long = CString::new("h".repeat(5000)).unwrap();
    assert_eq!(place(&long).len(), 256);
}

#[test]
fn what_is_typed_comes_as_it_is_and_what_is_not_typed_as_nothing() {
    let long: &[u8] = &[b'x'; 5000];
    let does = [
        Does::Types(b"hunter2"),
        Does::Types(b"\xff\x01"),
        Does::Types(b""),
        Does::Types(long),
        Does::BringsNoText,
        Does::BringsNothing,
        Does::Fails,
    ];
    let mut host = host(Libpam { does: does.into(), ..Libpam::default() });
    let mut ask = || host.ask(Style::EchoOff, "Password: ").map(|typed| typed.bytes().to_vec());
    assert_eq!(ask().as_deref(), Some(b"hunter2".as_slice()));
    assert_eq!(ask().as_deref(), Some(b"\xff\x01".as_slice()));
    assert_eq!(ask().as_deref(), Some(b"".as_slice()));
    assert_eq!(ask().as_deref(), Some(long));
    assert_eq!((ask(), ask(), ask()), (None, None, None));
}

#[test]
fn questions_and_texts_are_put_in_their_style_and_a_silent_host_is_told_nothing() {
    let does = || [Does::Types(b"1"), Does::Types(b"2"), Does::BringsNoText, Does::BringsNoText];
    let mut host = host(Libpam { does: does().into(), ..Libpam::default() });
    host.ask(Style::EchoOn, "Code: ");
    host.ask(Style::EchoOff, "New: ");
    host.tell(Tone::Info, "Done.");
    host.tell(Tone::Error, "No.");
    host.tell(Tone::Info, "");
    host.silent = true;
    host.tell(Tone::Info, "Not shown.");
    let shown = libpam(|libpam| std::mem::take(&mut libpam.shown));
    let expected = [(2, "Code: "), (1, "New: "), (4, "Done."), (3, "No.")];
    assert_eq!(shown.iter().map(|(style, text)| (*style, text.as_str())).collect::<Vec<_>>(), expected);
}

#[test]
fn a_question_with_a_nul_in_it_and_a_host_without_a_conversation_bring_nothing() {
    let mut host = host(Libpam::default());
    assert!(host.ask(Style::EchoOn, "a\0b").is_none());
    libpam(|libpam| libpam.conversation = Some(Box::new(Conversation { converse: None, data: ptr::null_mut() })));
    assert!(host.ask(Style::EchoOn, "? ").is_none());
    libpam(|libpam| libpam.conversation = None);
    assert!(host.ask(Style::EchoOn, "? ").is_none());
}

#[test]
fn a_password_is_left_whole_for_the_modules_behind_or_not_at_all() {
    let mut host = host(Libpam::default());
    assert!(!host.has_password());
    assert!(!host.set_password(&Secret::new(b"hun\0ter2")), "C would end it early");
    assert!(!host.has_password());
    assert!(host.set_password(&Secret::new(b"hunter2")) && host.has_password());
    assert_eq!(libpam(|libpam| libpam.items[&AUTHTOK].clone()).as_bytes(), b"hunter2");
    assert!(host.set_password(&Secret::new(b"")));
    libpam(|libpam| libpam.full = true);
    assert!(!host.set_password(&Secret::new(b"hunter3")));
    assert_eq!(libpam(|libpam| libpam.items[&AUTHTOK].clone()).as_bytes(), b"");
}

#[test]
fn the_mark_lasts_until_it_is_taken_or_replaced_and_libpam_is_given_it_once() {
    let typed = |typed: &[u8]| Some(Mark::Typed(Secret::new(typed), Duration::ZERO));
    let taken = |host: &mut PamHost<'_>| match host.take_mark() {
        Some(Mark::Typed(typed, _)) => Some(typed.bytes().to_vec()),
        Some(Mark::Denied) | None => None,
    };
    let mut host = host(Libpam::default());
    assert_eq!(taken(&mut host), None);
    host.mark(None);
    assert_eq!(libpam(|libpam| libpam.times_data_was_set), 0);
    host.mark(typed(b"wrong"));
    host.mark(typed(b"hunter2"));
    assert_eq!(taken(&mut host).as_deref(), Some(b"hunter2".as_slice()));
    assert_eq!(taken(&mut host), None);
    host.mark(typed(b"hunter2"));
    host.mark(None);
    assert_eq!(taken(&mut host), None);
    host.mark(Some(Mark::Denied));
    assert!(matches!(host.take_mark(), Some(Mark::Denied)));
    assert_eq!(libpam(|libpam| libpam.times_data_was_set), 1);
    // libpam has to clean up a mark that is left behind: Miri and valgrind would report a leak.
    host.mark(typed(b"hunter2"));
}

#[test]
fn without_memory_for_a_mark_there_is_none() {
    let mut host = host(Libpam { full: true, ..Libpam::default() });
    host.mark(Some(Mark::Denied));
    assert!(host.take_mark().is_none());
}

#[test]
fn a_terminal_is_below_dev_or_none() {
    for named in
        ["", "/", "/dev", "/dev/", "..", "../etc/passwd", "/etc/passwd", "/dev/../etc/passwd", "null", "/dev/null"]
    {
        let items = BTreeMap::from([(TTY, text(named.as_bytes()))]);
        let host = host(Libpam { items, ..Libpam::default() });
        assert!(!host.is_at_its_terminal(), "{named:?}");
    }
}

#[test]
fn a_user_is_a_name_of_usual_length_in_text_or_nobody() {
    let long = [b'x'; 256];
    let too_long = [b'x'; 257];
    for (user, is_one) in [
        (None, false),
        (Some(b"".as_slice()), false),
        (Some(b"alice"), true),
        (Some(&long), true),
        (Some(&too_long), false),
        (Some(b"al\xff"), false),
    ] {
        let mut host = host(Libpam { user: user.map(text), ..Libpam::default() });
        assert_eq!(host.user().is_some(), is_one, "{user:?}");
    }
}

#[test]
fn a_uid_is_that_of_the_account_and_of_nobody_else() {
    // SAFETY: numbers and null pointers.
    let entry = libc::passwd { pw_uid: 1001, ..unsafe { std::mem::zeroed() } };
    let passwd = Some(Box::new(entry));
    let mut host = host(Libpam { user: Some(text(b"alice")), passwd, ..Libpam::default() });
    assert_eq!(host.uid("alice"), Some(1001));
    assert_eq!((host.uid("bob"), host.uid("al\0ice")), (None, None));
}

#[test]
fn places_and_the_locale_of_the_transaction_are_read_and_an_argument_counts_more() {
    let items = BTreeMap::from([(TTY, text(b"tty7\n")), (RHOST, text(b"192.0.2.7"))]);
    let environment = BTreeMap::from([(text(b"LC_ALL"), text(b"de_DE.UTF-8\x07"))]);
    let mut host = host(Libpam { items, environment, ..Libpam::default() });
    assert_eq!((host.tty().as_str(), host.rhost().as_str()), ("tty7", "192.0.2.7"));
    assert_eq!(host.locale(), "de_DE.UTF-8");
    assert_eq!(host.variable("LC\0ALL"), None);
    host.language = Some(Language::Japanese);
    assert_eq!(host.locale(), "ja.UTF-8");
    // sshd with UseDNS names the host; the address that the connection came from counts.
    for (rhost, connection, want) in [
        ("a.example.org", Some("2001:db8::7 40000 2001:db8::1 22"), "2001:db8::7"),
        ("a.example.org", Some("192.0.2.9 40000 192.0.2.1 22"), "192.0.2.9"),
        ("a.example.org", Some("b.example.org 40000 192.0.2.1 22"), "a.example.org"),
        ("a.example.org", None, "a.example.org"),
        ("192.0.2.7", Some("192.0.2.9 40000 192.0.2.1 22"), "192.0.2.7"),
        ("", Some("192.0.2.9 40000 192.0.2.1 22"), ""),
    ] {
        libpam(|libpam| {
            libpam.items.insert(RHOST, text(rhost.as_bytes()));
            libpam.environment.remove(&text(b"SSH_CONNECTION"));
            if let Some(connection) = connection {
                libpam.environment.insert(text(b"SSH_CONNECTION"), text(connection.as_bytes()));
            }
        });
        assert_eq!(host.rhost(), want, "{rhost} {connection:?}");
    }
    assert!(host.service().is_none());
    libpam(|libpam| libpam.items.clear());
    assert_eq!((host.tty().as_str(), host.rhost().as_str()), ("", ""));
}
