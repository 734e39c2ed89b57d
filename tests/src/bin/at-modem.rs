//! Runs inside a machine: a modem with a SIM card, as far as ModemManager checks. It listens where ModemManager's test
//! interface expects a modem named `abstract:at-modem`, accepts AT commands (3GPP TS 27.007 and 27.005), and writes
//! down the PDU of each message that it should send. It answers with the `+CMS ERROR` of the number in its second file,
//! if there is one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's program"
)]

use std::{
    fs::{self, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixListener, UnixStream},
    },
    thread,
};

/// The answers to these exact commands. Any command that only sets something is `OK`, and all others are unknown.
const ANSWERS: [(&str, &str); 22] = [
    ("AT+GCAP", "+GCAP: +CGSM +DS +ES"),
    ("AT+WS46=?", "+WS46: (12,22)"),
    ("AT+CSCS=?", "+CSCS: (\"IRA\",\"UCS2\",\"GSM\")"),
    ("AT+CSCS?", "+CSCS: \"UCS2\""),
    ("AT+CGMI", "Example"),
    ("AT+CGMM", "Model 1"),
    ("AT+CGMR", "1.0"),
    ("AT+CGSN", "867698040000000"),
    ("AT+CGDCONT=?", "+CGDCONT: (1-11),\"IP\",,,(0-2),(0-3)"),
    ("AT+CFUN?", "+CFUN: 1"),
    ("AT+CPIN?", "+CPIN: READY"),
    ("AT+CIMI", "001019990000001"),
    ("AT+CLCK=?", "+CLCK: (\"SC\",\"PS\",\"FD\")"),
    ("AT+CLCK=\"SC\",2", "+CLCK: 0"),
    ("AT+CLCK=\"FD\",2", "+CLCK: 0"),
    ("AT+CLCK=\"PS\",2", "+CLCK: 0"),
    ("AT+CNMI=?", "+CNMI: (0-3),(0-3),(0-3),(0-3),(0,1)"),
    ("AT+CPMS=?", "+CPMS: (\"ME\",\"SM\"),(\"ME\",\"SM\"),(\"ME\",\"SM\")"),
    ("AT+CMGF=?", "+CMGF: (0,1)"),
    ("AT+CREG?", "+CREG: 2,1,\"1234\",\"001122BB\""),
    ("AT+CGREG?", "+CGREG: 2,1,\"31C5\",\"0083F7CD\""),
    ("AT+CSQ", "+CSQ: 17,99"),
];
const SETS: [&str; 13] = [
    "ATE0",
    "ATV1",
    "ATX4",
    "AT&C1",
    "AT+CMEE=",
    "AT+CSCS=",
    "AT+CREG=",
    "AT+CGREG=",
    "AT+CMGF=",
    "AT+CPMS=",
    "AT+CMGL=",
    "AT+CNMI=",
    "AT+COPS=",
];

fn main() {
    let mut files = std::env::args().skip(1);
    let (sent, refuses) = (files.next().unwrap(), files.next().unwrap());
    let address = SocketAddr::from_abstract_name("abstract:at-modem").unwrap();
    for stream in UnixListener::bind_addr(&address).unwrap().incoming() {
        let (sent, refuses) = (sent.clone(), refuses.clone());
        thread::spawn(move || serve(stream.unwrap(), &sent, &refuses));
    }
}

fn serve(mut stream: UnixStream, sent: &str, refuses: &str) {
    let mut from = BufReader::new(stream.try_clone().unwrap());
    let mut line = Vec::new();
    while from.read_until(b'\r', &mut line).unwrap_or_default() > 0 {
        let command = String::from_utf8(std::mem::take(&mut line)).unwrap();
        let command = command.trim();
        if command.is_empty() {
            continue;
        }
        let answer = if command.starts_with("AT+CMGS=") {
            stream.write_all(b"\r\n> ").unwrap();
            let mut pdu = Vec::new();
            from.read_until(0x1a, &mut pdu).unwrap();
            let pdu = String::from_utf8(pdu).unwrap();
            if let Ok(number) = fs::read_to_string(refuses) {
                format!("\r\n+CMS ERROR: {}\r\n", number.trim())
            } else {
                let mut file = OpenOptions::new().create(true).append(true).open(sent).unwrap();
                writeln!(file, "{}", pdu.trim_matches(|c: char| !c.is_ascii_hexdigit())).unwrap();
                "\r\n+CMGS: 1\r\n\r\nOK\r\n".to_owned()
            }
        } else if let Some((_, answer)) = ANSWERS.iter().find(|(asked, _)| *asked == command) {
            format!("\r\n{answer}\r\n\r\nOK\r\n")
        } else if command == "AT" || SETS.iter().any(|sets| command.starts_with(sets)) {
            "\r\nOK\r\n".to_owned()
        } else {
            "\r\nERROR\r\n".to_owned()
        };
        stream.write_all(answer.as_bytes()).unwrap();
    }
}
