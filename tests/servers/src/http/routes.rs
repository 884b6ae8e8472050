//! The routes that hyper answers. http.rs has the table.

use std::convert::Infallible;
use std::future::pending;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::mpsc::UnboundedSender;

use super::State;
use super::by_hand::Answer;
use super::multipart;
use crate::pattern::pieces;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Answers one request, or hands it over to be answered by hand. An error is the client going away within its body.
pub(super) async fn answer(
    state: Arc<State>,
    hand_over: UnboundedSender<Answer>,
    request: Request<Incoming>,
) -> hyper::Result<Response<Body>> {
    state.requests.fetch_add(1, Ordering::SeqCst);
    let path = request.uri().path().to_owned();
    let path: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method().as_str(), path.as_slice()) {
        ("GET", ["chunked" | "stall" | "hang" | "early", ..]) => match by_hand(&request, &path) {
            Some(answer) => {
                hand_over.send(answer).expect("the connection waits for this");
                // The connection drops this and goes on by hand.
                pending().await
            }
            None => Ok(text(StatusCode::BAD_REQUEST, "a number is wrong\n")),
        },
        ("GET" | "HEAD", _) => Ok(get(&request, &path)),
        ("PUT" | "POST", ["echo"]) => echo(request).await,
        ("PUT" | "POST", ["redirect307"]) => {
            request.collect().await?;
            Ok(redirect(StatusCode::TEMPORARY_REDIRECT, "/echo"))
        }
        ("PUT" | "POST", ["redirect307", to]) => {
            request.collect().await?;
            Ok(redirect(StatusCode::TEMPORARY_REDIRECT, &format!("/{to}")))
        }
        ("PUT" | "POST", ["multipart"]) => Ok(multipart(request).await),
        ("PUT" | "POST", ["digest"]) => digest(request).await,
        _ => Ok(text(StatusCode::METHOD_NOT_ALLOWED, "no such route for this method\n")),
    }
}

fn by_hand(request: &Request<Incoming>, path: &[&str]) -> Option<Answer> {
    let target = || request.uri().path_and_query().map(|target| target.to_string());
    match path {
        ["chunked", len, chunk] => Some(Answer::Chunked {
            len: len.parse().ok()?,
            chunk: chunk.parse().ok().filter(|chunk| *chunk > 0)?,
        }),
        ["stall"] => Some(Answer::Stall { target: target()? }),
        ["hang"] => Some(Answer::Hang { target: target()? }),
        ["early"] => Some(Answer::Early),
        _ => None,
    }
}

fn get(request: &Request<Incoming>, path: &[&str]) -> Response<Body> {
    let with_number = |number: &str, answer: &dyn Fn(u64) -> Option<Response<Body>>| {
        let wrong = || text(StatusCode::BAD_REQUEST, "a number is wrong\n");
        number.parse().ok().and_then(answer).unwrap_or_else(wrong)
    };
    match path {
        ["hello"] => with_headers(ok("hello, world\n"), [("x-hello", "one")]),
        ["bytes", size] => with_number(size, &|size| Some(bytes(size, request.headers().get(header::RANGE)))),
        ["trickle", size, pause] => {
            with_number(size, &|size| Some(trickle(size, Duration::from_millis(pause.parse().ok()?))))
        }
        ["redirect", "0" | "1"] => redirect(StatusCode::FOUND, "/hello"),
        ["redirect", left] => {
            with_number(left, &|left| Some(redirect(StatusCode::FOUND, &format!("/redirect/{}", left - 1))))
        }
        ["tree", number] => with_number(number, &|number| Some(tree(number, request))),
        ["loop"] => redirect(StatusCode::FOUND, "/loop"),
        ["headers", count] => with_number(count, &headers),
        ["bigheader", size] => with_number(size, &|size| {
            let value = "a".repeat(size.try_into().ok()?);
            Some(with_headers(ok(format!("{size} bytes\n")), [("x-big", value.as_str())]))
        }),
        ["status", code] => with_number(code, &|code| {
            let code = StatusCode::from_u16(code.try_into().ok()?).ok()?;
            (!code.is_informational()).then(|| text(code, format!("status {}\n", code.as_u16())))
        }),
        ["cookies"] => {
            with_headers(ok("cookies\n"), [("set-cookie", "one=1; Path=/"), ("set-cookie", "two=2; Path=/")])
        }
        ["request-headers"] => ok(head_as_text(request)),
        ["auth"] => {
            // user:secret
            let expected = HeaderValue::from_static("Basic dXNlcjpzZWNyZXQ=");
            if request.headers().get(header::AUTHORIZATION) == Some(&expected) {
                ok("welcome\n")
            } else {
                with_headers(unauthorized(), [("www-authenticate", "Basic realm=\"curlback\"")])
            }
        }
        _ => text(StatusCode::NOT_FOUND, "no such route\n"),
    }
}

fn tree(number: u64, request: &Request<Incoming>) -> Response<Body> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let page = if number < 31 {
        let (left, right) = (2 * number + 1, 2 * number + 2);
        format!(
            "<a href=\"/tree/{left}\">a path</a>\n<a href=\"http://{host}/tree/{right}\">a URL</a>\n\
             <a href=\"/tree/{number}#here\">this page</a>\n<a href=\"http://another.invalid/\">elsewhere</a>\n"
        )
    } else {
        "a leaf\n".to_owned()
    };
    with_headers(ok(page), [("content-type", "text/html")])
}

fn bytes(size: u64, range: Option<&HeaderValue>) -> Response<Body> {
    let (status, part) = match range {
        None => (StatusCode::OK, Some(0..size)),
        Some(range) => (StatusCode::PARTIAL_CONTENT, part(range, size)),
    };
    let Some(part) = part else {
        let refusal = text(StatusCode::RANGE_NOT_SATISFIABLE, "");
        return with_headers(refusal, [("content-range", format!("bytes */{size}").as_str())]);
    };
    let len = part.end - part.start;
    let frames = stream::iter(pieces(part.start, len).map(|piece| Ok(Frame::data(piece))));
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    *response.status_mut() = status;
    response =
        with_headers(response, [("accept-ranges", "bytes"), ("content-length", len.to_string().as_str())]);
    if status == StatusCode::PARTIAL_CONTENT {
        let content_range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        response = with_headers(response, [("content-range", content_range.as_str())]);
    }
    response
}

/// The part that a Range header with one range asks for; None where there is no such part.
fn part(range: &HeaderValue, size: u64) -> Option<Range<u64>> {
    let (first, last) = range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let part = match (first, last) {
        ("", count) => size.saturating_sub(count.parse().ok()?)..size,
        (first, "") => first.parse().ok()?..size,
        (first, last) => first.parse().ok()?..last.parse::<u64>().ok()?.saturating_add(1).min(size),
    };
    (part.start < part.end).then_some(part)
}

fn trickle(size: u64, pause: Duration) -> Response<Body> {
    let bytes = pieces(0, size).flatten().enumerate();
    let frames = stream::unfold(bytes, move |mut left| async move {
        let (number, byte) = left.next()?;
        if number > 0 {
            tokio::time::sleep(pause).await;
        }
        Some((Ok(Frame::data(Bytes::copy_from_slice(&[byte]))), left))
    });
    with_headers(
        Response::new(StreamBody::new(frames).boxed_unsync()),
        [("content-length", size.to_string().as_str())],
    )
}

fn headers(count: u64) -> Option<Response<Body>> {
    // HeaderMap panics beyond 24,576.
    if count > 20_000 {
        return None;
    }
    let mut response = ok(format!("{count} headers\n"));
    for number in 0..count {
        let name = HeaderName::try_from(format!("x-header-{number}")).expect("a valid name");
        response.headers_mut().append(name, number.into());
    }
    Some(response)
}

fn head_as_text(request: &Request<Incoming>) -> Vec<u8> {
    let mut lines = format!("{} {} {:?}\n", request.method(), request.uri(), request.version()).into_bytes();
    for (name, value) in request.headers() {
        lines.extend_from_slice(name.as_str().as_bytes());
        lines.extend_from_slice(b": ");
        lines.extend_from_slice(value.as_bytes());
        lines.push(b'\n');
    }
    lines
}

async fn echo(request: Request<Incoming>) -> hyper::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?;
    let trailers = body.trailers().cloned().unwrap_or_default();
    let mut response = ok(body.to_bytes());
    let mut describe = |name: &str, value: HeaderValue| {
        response.headers_mut().append(HeaderName::try_from(name).expect("a valid name"), value);
    };
    describe("x-method", method(&head.method));
    describe("x-content-length", or_none(&head.headers, header::CONTENT_LENGTH));
    describe("x-transfer-encoding", or_none(&head.headers, header::TRANSFER_ENCODING));
    describe("x-content-type", or_none(&head.headers, header::CONTENT_TYPE));
    for (name, value) in &trailers {
        describe(&format!("x-got-trailer-{name}"), value.clone());
    }
    Ok(response)
}

async fn digest(request: Request<Incoming>) -> hyper::Result<Response<Body>> {
    let authorized = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("Digest ") && value.contains("username=\"user\""));
    if authorized {
        return echo(request).await;
    }
    request.collect().await?;
    let challenge = "Digest realm=\"curlback\", nonce=\"0123456789abcdef\", qop=\"auth\"";
    Ok(with_headers(unauthorized(), [("www-authenticate", challenge)]))
}

async fn multipart(request: Request<Incoming>) -> Response<Body> {
    let header = |name| or_none(request.headers(), name);
    let (length, kind) = (header(header::CONTENT_LENGTH), header(header::CONTENT_TYPE));
    let Ok(boundary) = multer::parse_boundary(kind.to_str().unwrap_or_default()) else {
        return text(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("{kind:?} is no multipart/form-data\n"));
    };
    // All of it first: a client that has not sent its last chunk when the answer comes may find the connection reset.
    let body = match request.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return text(StatusCode::BAD_REQUEST, format!("{error}\n")),
    };
    match multipart::describe(body, boundary).await {
        Ok(parts) => {
            let mut response = ok(parts);
            response.headers_mut().insert("x-content-length", length);
            response
        }
        Err(error) => text(StatusCode::BAD_REQUEST, format!("{error}\n")),
    }
}

fn method(method: &Method) -> HeaderValue {
    HeaderValue::from_str(method.as_str()).expect("a method is a valid value")
}

fn or_none(headers: &HeaderMap, name: HeaderName) -> HeaderValue {
    headers.get(name).cloned().unwrap_or(HeaderValue::from_static("none"))
}

fn ok(body: impl Into<Bytes>) -> Response<Body> {
    text(StatusCode::OK, body)
}

fn unauthorized() -> Response<Body> {
    text(StatusCode::UNAUTHORIZED, "who are you?\n")
}

fn redirect(status: StatusCode, to: &str) -> Response<Body> {
    with_headers(text(status, "elsewhere\n"), [("location", to)])
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut body = Full::new(body.into());
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        body = Full::default();
    }
    let len = body.size_hint().exact();
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = status;
    // Said here and not left to hyper, so that HEAD says it too.
    if let Some(len) = len.filter(|len| *len > 0) {
        response.headers_mut().insert(header::CONTENT_LENGTH, len.into());
    }
    response
}

fn with_headers<'a>(
    mut response: Response<Body>,
    headers: impl IntoIterator<Item = (&'static str, &'a str)>,
) -> Response<Body> {
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).expect("a valid header value");
        response.headers_mut().append(HeaderName::from_static(name), value);
    }
    response
}
