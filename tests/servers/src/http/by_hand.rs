//! Answers that hyper does not give: it sends no 1xx of the application's, and trailers only to those who ask for
//! them, and cannot tell when the bytes before a stall have left.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use tokio::net::TcpStream;

use super::State;
use crate::pattern::{pattern, pieces};

pub(super) enum Answer {
    Chunked { len: u64, chunk: u64 },
    Stall { target: String },
    Hang { target: String },
    Early,
}

/// What becomes of the connection.
pub(super) enum Then {
    GoOn,
    Close,
}

impl Answer {
    pub(super) async fn write(self, stream: &mut TcpStream, state: &State) -> io::Result<Then> {
        match self {
            Self::Chunked { len, chunk } => chunked(stream, len, chunk).await,
            Self::Stall { target } => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await?;
                stream.write_all(&pattern(0, 10)).await?;
                stall(stream, state, target).await
            }
            Self::Hang { target } => stall(stream, state, target).await,
            Self::Early => {
                let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nhello, world\n";
                stream.write_all(hints.as_bytes()).await?;
                stream.write_all(answer.as_bytes()).await?;
                Ok(Then::GoOn)
            }
        }
    }
}

async fn chunked(stream: &mut TcpStream, len: u64, chunk: u64) -> io::Result<Then> {
    let mut stream = BufWriter::new(stream);
    stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Trailer\r\n\r\n").await?;
    let mut sent = 0;
    while sent < len {
        let size = chunk.min(len - sent);
        stream.write_all(format!("{size:x}\r\n").as_bytes()).await?;
        for piece in pieces(sent, size) {
            stream.write_all(&piece).await?;
        }
        stream.write_all(b"\r\n").await?;
        sent += size;
    }
    stream.write_all(b"0\r\nX-Trailer: end\r\n\r\n").await?;
    stream.flush().await?;
    Ok(Then::GoOn)
}

async fn stall(stream: &mut TcpStream, state: &State, target: String) -> io::Result<Then> {
    state.has_stalled(target);
    while stream.read(&mut [0; 1024]).await? > 0 {}
    Ok(Then::Close)
}
