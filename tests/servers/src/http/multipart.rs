//! Takes multipart bodies apart, with a parser that has nothing to do with what sent them.

use std::fmt::Write as _;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::stream;
use multer::Multipart;

/// What [`crate::parts`] reads: for each part its depth, the lines of what it says of itself, an empty line, its length, itself, an
/// end of line. A part that is a multipart comes without content, and its parts follow.
pub(super) async fn describe(body: Bytes, boundary: String) -> multer::Result<Vec<u8>> {
    let mut described = Vec::new();
    of(multipart(body, boundary), 1, &mut described).await?;
    Ok(described)
}

fn multipart(body: Bytes, boundary: String) -> Multipart<'static> {
    Multipart::new(stream::iter([Ok::<_, multer::Error>(body)]), boundary)
}

fn of<'a>(
    mut parts: Multipart<'static>,
    depth: usize,
    described: &'a mut Vec<u8>,
) -> Pin<Box<dyn Future<Output = multer::Result<()>> + Send + 'a>> {
    Box::pin(async move {
        while let Some(field) = parts.next_field().await? {
            let mut text = format!("{depth}\n");
            for (what, value) in [("name", field.name()), ("filename", field.file_name())] {
                if let Some(value) = value {
                    let _ = writeln!(text, "{what}={value}");
                }
            }
            for (name, value) in field.headers() {
                let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
            }
            text.push('\n');
            let boundary = field
                .content_type()
                .filter(|kind| kind.type_() == "multipart")
                .and_then(|kind| kind.get_param("boundary"))
                .map(|boundary| boundary.to_string());
            let content = field.bytes().await?;
            let shown = if boundary.is_some() { Bytes::new() } else { content.clone() };
            let _ = writeln!(text, "{}", shown.len());
            described.extend_from_slice(text.as_bytes());
            described.extend_from_slice(&shown);
            described.push(b'\n');
            if let Some(boundary) = boundary {
                of(multipart(content, boundary), depth + 1, described).await?;
            }
        }
        Ok(())
    })
}
