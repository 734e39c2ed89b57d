//! The connection to a mail server, as lettre needs it.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncBufRead as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// More than a mail server has to say to one mail, handshake and certificates included, in bytes. Not much more: for
/// each line of a long reply, lettre parses the whole reply again.
const HEARD_MAX: usize = 32 * 1024;

/// A stream that ends with an error if the other side sends too much: a line is read to its end, however long, and
/// before STARTTLS an attacker on the network path could send an endless one.
///
/// It returns at most one line at a time. lettre keeps what it has read beyond a reply, even across STARTTLS: lines
/// that an attacker on the path added after the server's "go on" would pass for the server's answers inside TLS.
/// Therefore they stay here, and if there are any, TLS does not begin.
#[derive(Debug)]
pub(super) struct Bounded<S> {
    stream: BufReader<S>,
    left: usize,
    /// Read before everything else.
    before: &'static [u8],
}

impl<S: AsyncRead> Bounded<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream: BufReader::new(stream), left: HEARD_MAX, before: b"" }
    }

    /// For a stream on which the server has already sent its greeting: lettre waits for one.
    pub(super) fn greeted(stream: S) -> Self {
        Self { before: b"220 greeted before TLS began\r\n", ..Self::new(stream) }
    }

    /// The stream itself; `None` if more was received than was read.
    pub(super) fn into_inner(self) -> Option<S> {
        self.stream.buffer().is_empty().then(|| self.stream.into_inner())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + fmt::Debug> Bounded<S> {
    /// Sends `line`, unless it is empty, and reads the answer: its number and its text.
    pub(super) async fn ask(&mut self, line: &str) -> io::Result<(u16, String)> {
        if !line.is_empty() {
            self.write_all(format!("{line}\r\n").as_bytes()).await?;
            self.flush().await?;
        }
        let mut text = String::new();
        loop {
            let line = self.line().await?;
            let unlike = || io::Error::from(io::ErrorKind::InvalidData);
            let (number, rest) = line.split_at_checked(3).ok_or_else(unlike)?;
            let code: u16 = number.parse().map_err(|_| unlike())?;
            let last = !rest.starts_with('-');
            if !(200..600).contains(&code) || !(rest.is_empty() || rest.starts_with(['-', ' '])) {
                return Err(unlike());
            }
            text.push_str(rest.get(1..).unwrap_or_default());
            if last {
                return Ok((code, text));
            }
            text.push('\n');
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            let mut part = [0; 512];
            let count = self.read(&mut part).await?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            line.extend_from_slice(part.get(..count).unwrap_or_default());
        }
        let line = String::from_utf8(line).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

impl AsyncTokioStream for Bounded<TcpStream> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.get_ref().peer_addr()
    }
}

impl AsyncTokioStream for Bounded<TlsStream<TcpStream>> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.get_ref().get_ref().0.peer_addr()
    }
}

impl<S: AsyncRead + Unpin + fmt::Debug> AsyncRead for Bounded<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { stream, left, before } = &mut *self;
        if !before.is_empty() {
            let (given, rest) = before.split_at(before.len().min(buf.remaining()));
            buf.put_slice(given);
            *before = rest;
            return Poll::Ready(Ok(()));
        }
        if *left == 0 {
            return Poll::Ready(Err(io::ErrorKind::FileTooLarge.into()));
        }
        let mut stream = Pin::new(stream);
        let heard = ready!(stream.as_mut().poll_fill_buf(cx))?;
        let line = heard.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        let given = line.get(..line.len().min(buf.remaining())).unwrap_or_default();
        buf.put_slice(given);
        let count = given.len();
        *left = left.saturating_sub(count);
        stream.consume(count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + fmt::Debug> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
