//! The minimum cost of a call over the bus: a socket and bytes, no library.

use std::{
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
};

/// A connection to the system bus.
pub(crate) struct Bus {
    socket: UnixStream,
    serial: u32,
}

impl Bus {
    /// Connects, authenticates as root and says hello.
    pub(crate) fn connect() -> Self {
        let mut socket = UnixStream::connect("/run/dbus/system_bus_socket").unwrap();
        // "0" in hexadecimal.
        socket.write_all(b"\0AUTH EXTERNAL 30\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n") {
            let mut byte = [0];
            socket.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"OK "), "{}", String::from_utf8_lossy(&answer));
        socket.write_all(b"BEGIN\r\n").unwrap();
        let mut bus = Self { socket, serial: 0 };
        bus.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello");
        bus
    }

    /// One round trip to the agent and back, in which it does nothing.
    pub(crate) fn ping(&mut self) {
        self.call("org.pam_sspr.Agent1", "/org/pam_sspr/Agent1", "org.freedesktop.DBus.Peer", "Ping");
    }

    fn call(&mut self, destination: &str, path: &str, interface: &str, member: &str) {
        self.serial += 1;
        let mut fields = Vec::new();
        for (code, kind, value) in [(1, b'o', path), (2, b's', interface), (3, b's', member), (6, b's', destination)] {
            pad(&mut fields, 8);
            fields.extend([code, 1, kind, 0]);
            fields.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
            fields.extend(value.as_bytes());
            fields.push(0);
        }
        // Little-endian, a method call, no flags, version 1, no body.
        let mut message = vec![b'l', 1, 0, 1, 0, 0, 0, 0];
        message.extend(self.serial.to_le_bytes());
        message.extend(u32::try_from(fields.len()).unwrap().to_le_bytes());
        message.extend(fields);
        pad(&mut message, 8);
        self.socket.write_all(&message).unwrap();
        // Other messages are signals.
        loop {
            match self.receive() {
                2 => return,
                3 => panic!("{destination} refused {member}"),
                _ => {}
            }
        }
    }

    /// Reads one message and returns its type.
    fn receive(&mut self) -> u8 {
        let mut head = [0; 16];
        self.socket.read_exact(&mut head).unwrap();
        let number = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap()) as usize;
        let mut rest = vec![0; number(12).next_multiple_of(8) + number(4)];
        self.socket.read_exact(&mut rest).unwrap();
        head[1]
    }
}

fn pad(bytes: &mut Vec<u8>, to: usize) {
    bytes.resize(bytes.len().next_multiple_of(to), 0);
}
