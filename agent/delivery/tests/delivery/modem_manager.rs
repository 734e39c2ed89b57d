//! A double of ModemManager on a bus of its own: modems, `Messaging` and messages, which answer as those of version 1.20 do. It
//! refuses what that refuses: a modem that is not enabled, a message without a number or a text, a message that was sent.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard},
};

use futures_util::StreamExt as _;
use tempfile::TempDir;
use zbus::{Connection, Message, MessageStream, ObjectPath, OwnedObjectPath, OwnedVariant, Variant, message::Type};

const ROOT: &str = "/org/freedesktop/ModemManager1";
const MODEM: &str = "org.freedesktop.ModemManager1.Modem";
const ERROR: &str = "org.freedesktop.ModemManager1.Error.";
/// `MM_SMS_STATE_SENT`
const SENT: u32 = 5;

type Properties = HashMap<&'static str, Variant<'static>>;

/// A modem, by what is asked of one. Its numbers are those of `MMModemState` and its neighbours.
#[derive(Clone)]
pub(crate) struct Modem {
    pub(crate) imei: &'static str,
    pub(crate) port: &'static str,
    pub(crate) device: &'static str,
    pub(crate) state: i32,
    pub(crate) failed_reason: u32,
    pub(crate) lock: u32,
    pub(crate) registration: u32,
    pub(crate) messaging: bool,
}

impl Default for Modem {
    fn default() -> Self {
        Self {
            imei: "867698040000000",
            port: "cdc-wdm0",
            device: "/sys/devices/pci0000:00/usb1/1-2",
            state: 8,
            failed_reason: 0,
            lock: 1,
            registration: 1,
            messaging: true,
        }
    }
}

impl Modem {
    fn interfaces(&self) -> HashMap<&'static str, Properties> {
        let sim = if self.failed_reason == 2 { "/" } else { "/org/freedesktop/ModemManager1/SIM/0" };
        let modem = HashMap::from([
            ("Manufacturer", Variant::from("Quectel")),
            ("Model", Variant::from("EG25-G\u{1b}[31m")),
            ("PrimaryPort", Variant::from(self.port)),
            ("Ports", Variant::from(vec![(self.port, 6u32), ("ttyUSB7", 3u32)])),
            ("EquipmentIdentifier", Variant::from(self.imei)),
            ("Device", Variant::from(self.device)),
            ("State", Variant::from(self.state)),
            ("StateFailedReason", Variant::from(self.failed_reason)),
            ("UnlockRequired", Variant::from(self.lock)),
            ("Sim", Variant::from(ObjectPath::from_static_str_unchecked(sim))),
        ]);
        let network = HashMap::from([
            ("RegistrationState", Variant::from(self.registration)),
            ("OperatorName", Variant::from("Example Mobile")),
        ]);
        let mut interfaces =
            HashMap::from([(MODEM, modem), ("org.freedesktop.ModemManager1.Modem.Modem3gpp", network)]);
        // It comes when the card is unlocked.
        if self.messaging && self.state >= 3 {
            interfaces.insert("org.freedesktop.ModemManager1.Modem.Messaging", HashMap::new());
        }
        interfaces
    }
}

/// What becomes of a message that is to be sent.
#[derive(Clone, Copy, Default)]
pub(crate) enum Sends {
    #[default]
    Well,
    /// With the error of this name, less what all of ModemManager's begin with.
    Fails(&'static str),
    /// No answer ever comes; the message is sent, or is not.
    Silently { sent: bool },
    /// ModemManager ends in the middle.
    Dies,
    /// The modem is unplugged after the message was made.
    Unplugged,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) modems: Vec<Modem>,
    /// How often a modem was switched on, and the error that is answered instead.
    pub(crate) enabled: usize,
    pub(crate) enable_fails: Option<&'static str>,
    /// The error that `Create` answers with.
    pub(crate) create_fails: Option<&'static str>,
    pub(crate) sends: Sends,
    /// Number and text of all that left.
    pub(crate) sent: Vec<(String, String)>,
    /// Those that are there: number, text and state.
    pub(crate) messages: HashMap<String, (String, String, u32)>,
    pub(crate) created: usize,
}

/// The bus and the double.
pub(crate) struct ModemManager {
    directory: TempDir,
    daemon: Child,
    state: Arc<Mutex<State>>,
}

impl ModemManager {
    /// With these modems, on a bus that lets nobody read all of a message.
    pub(crate) async fn with(modems: Vec<Modem>) -> Self {
        Self::start(modems, "<deny send_interface=\"org.freedesktop.DBus.Properties\" send_member=\"GetAll\"/>").await
    }

    /// With one modem, on a bus whose policy is ModemManager's own.
    pub(crate) async fn that_all_can_read() -> Self {
        Self::start(vec![Modem::default()], "").await
    }

    async fn start(modems: Vec<Modem>, policy: &str) -> Self {
        let (directory, daemon) = bus(policy);
        let state = Arc::new(Mutex::new(State { modems, ..State::default() }));
        let manager = Self { directory, daemon, state };
        let address = manager.address();
        let bus = zbus::connection::Builder::address(address.as_str()).build().await.unwrap();
        let calls = MessageStream::from(&bus);
        bus.request_name("org.freedesktop.ModemManager1").await.unwrap();
        tokio::spawn(serve(bus, calls, manager.state.clone()));
        manager
    }

    pub(crate) fn address(&self) -> String {
        format!("unix:path={}", self.directory.path().join("bus").display())
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for ModemManager {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// A bus with nobody on it, and the directory of its socket, `bus`.
pub(crate) fn bus(policy: &str) -> (TempDir, Child) {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("bus.conf");
    let text = format!(
        "<busconfig><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
         <policy context=\"default\"><allow user=\"*\"/><allow own=\"*\"/><allow send_destination=\"*\"/>\
         <allow receive_sender=\"*\"/>{policy}</policy></busconfig>",
        directory.path().join("bus").display()
    );
    fs::write(&config, text).unwrap();
    let mut daemon = Command::new("dbus-daemon")
        .args(["--nofork", "--nopidfile", "--print-address=1"])
        .arg(format!("--config-file={}", config.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It tells its address once it listens.
    let mut line = String::new();
    BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("unix:"), "{line}");
    (directory, daemon)
}

async fn serve(bus: Connection, mut calls: MessageStream, state: Arc<Mutex<State>>) {
    while let Some(Ok(call)) = calls.next().await {
        if call.message_type() != Type::MethodCall {
            continue;
        }
        if answer(&bus, &call, &state).await.is_break() {
            bus.close().await.unwrap();
            return;
        }
    }
}

/// Breaks where ModemManager ends.
async fn answer(bus: &Connection, call: &Message, state: &Mutex<State>) -> std::ops::ControlFlow<()> {
    let header = call.header();
    let path = header.path().unwrap().as_str().to_owned();
    let member = header.member().unwrap().as_str().to_owned();
    let refused = match member.as_str() {
        "GetManagedObjects" => {
            let modems = state.lock().unwrap().modems.clone();
            let path = |at| OwnedObjectPath::try_from(format!("{ROOT}/Modem/{at}")).unwrap();
            let objects: HashMap<_, _> =
                modems.iter().enumerate().map(|(at, modem)| (path(at), modem.interfaces())).collect();
            bus.reply(&header, &objects).await.unwrap();
            return std::ops::ControlFlow::Continue(());
        }
        "Get" => {
            let (_, name): (String, String) = call.body().deserialize().unwrap();
            let value = match name.as_str() {
                "OperatorName" => Some(Variant::from("Example SIM")),
                _ => state.lock().unwrap().messages.get(&path).map(|(.., state)| Variant::from(*state)),
            };
            match value {
                Some(value) => {
                    bus.reply(&header, &value).await.unwrap();
                    return std::ops::ControlFlow::Continue(());
                }
                None => Err(unknown()),
            }
        }
        "Enable" => {
            let on: bool = call.body().deserialize().unwrap();
            state.lock().unwrap().enable(&path, on).map(|()| None)
        }
        "Create" => {
            let properties: HashMap<String, OwnedVariant> = call.body().deserialize().unwrap();
            match state.lock().unwrap().create(&path, &properties) {
                Ok(made) => Ok(Some(made)),
                Err(name) => Err(name),
            }
        }
        "Send" => {
            let sends = state.lock().unwrap().sends;
            match sends {
                Sends::Well => state.lock().unwrap().send(&path).map(|()| None),
                Sends::Fails(name) => Err(format!("{ERROR}{name}")),
                Sends::Silently { sent } => {
                    if sent {
                        state.lock().unwrap().send(&path).unwrap();
                    }
                    return std::ops::ControlFlow::Continue(());
                }
                Sends::Dies => return std::ops::ControlFlow::Break(()),
                Sends::Unplugged => {
                    let mut state = state.lock().unwrap();
                    state.modems.clear();
                    state.messages.clear();
                    Err(unknown())
                }
            }
        }
        "Delete" => {
            let message: OwnedObjectPath = call.body().deserialize().unwrap();
            let gone = state.lock().unwrap().messages.remove(message.as_str());
            gone.map(|_| None).ok_or_else(|| format!("{ERROR}Core.NotFound"))
        }
        _ => Err(unknown()),
    };
    match refused {
        Ok(Some(made)) => bus.reply(&header, &made).await.unwrap(),
        Ok(None) => bus.reply(&header, &()).await.unwrap(),
        Err(name) => {
            // The number of an error without a name; other words may repeat what was given.
            let (name, text) = match name.split_once('#') {
                Some((name, number)) => (name.to_owned(), format!("Unknown message error: {number}")),
                None => (name, "leaked: +819012345678 042042".to_owned()),
            };
            bus.reply_error(&header, name, &text).await.unwrap();
        }
    }
    std::ops::ControlFlow::Continue(())
}

/// Which modem it is about.
fn number(path: &str) -> Option<usize> {
    path.strip_prefix("/org/freedesktop/ModemManager1/Modem/")?.parse().ok()
}

/// As `GDBus` answers where an object is no more.
fn unknown() -> String {
    "org.freedesktop.DBus.Error.UnknownMethod".to_owned()
}

impl State {
    fn enable(&mut self, path: &str, on: bool) -> Result<(), String> {
        let at = number(path).filter(|_| on).ok_or_else(unknown)?;
        if let Some(name) = self.enable_fails {
            return Err(name.to_owned());
        }
        self.enabled += 1;
        let modem = self.modems.get_mut(at).ok_or_else(unknown)?;
        // Registered, or searching.
        modem.state = if modem.registration == 1 { 8 } else { 7 };
        Ok(())
    }

    fn create(&mut self, path: &str, properties: &HashMap<String, OwnedVariant>) -> Result<OwnedObjectPath, String> {
        let modem = number(path).and_then(|at| self.modems.get(at)).ok_or_else(unknown)?;
        if let Some(name) = self.create_fails {
            return Err(format!("{ERROR}{name}"));
        }
        if modem.state < 6 {
            return Err(format!("{ERROR}Core.WrongState"));
        }
        let text = |key: &str| properties.get(key).and_then(|text| <&str>::try_from(text).ok()).map(str::to_owned);
        let (Some(number), Some(text), 2) = (text("number"), text("text"), properties.len()) else {
            return Err(format!("{ERROR}Core.InvalidArgs"));
        };
        let path = format!("{ROOT}/SMS/{}", self.created);
        self.created += 1;
        self.messages.insert(path.clone(), (number, text, 0));
        Ok(path.try_into().unwrap())
    }

    fn send(&mut self, path: &str) -> Result<(), String> {
        let (number, text, state) = self.messages.get_mut(path).ok_or_else(unknown)?;
        if *state == SENT {
            return Err(format!("{ERROR}Core.Failed"));
        }
        *state = SENT;
        self.sent.push((number.clone(), text.clone()));
        Ok(())
    }
}
