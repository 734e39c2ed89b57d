//! The connection to a mail server, in the shape that lettre asks for.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncBufRead as _, AsyncRead, AsyncWrite, BufReader, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// More than a mail server has to say to one mail, handshake and certificates included, in bytes. Not much more: lettre
/// reads a reply of many lines from its beginning again at each line.
const HEARD_MAX: usize = 32 * 1024;

/// A stream that ends with an error when the other side talks too much: a line is read to its end, however long, and
/// before STARTTLS anybody on the way could send an endless one.
///
/// It gives at most one line at a time. lettre keeps what it has read beyond a reply, also over STARTTLS: lines that
/// somebody on the way put behind the server's "go on" would pass for the server's answers inside TLS. So they stay here,
/// and the handshake finds them where its own bytes should be, and fails.
#[derive(Debug)]
pub(super) struct Bounded<S> {
    stream: BufReader<S>,
    left: usize,
}

impl<S: AsyncRead> Bounded<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream: BufReader::new(stream), left: HEARD_MAX }
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
        let Self { stream, left } = &mut *self;
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
