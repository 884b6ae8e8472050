//! What the route /multipart answers.

/// A part as the server found it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Part {
    /// 1 for those of the body itself, 2 for those of a multipart among these, and so on.
    pub depth: usize,
    pub name: Option<String>,
    pub filename: Option<String>,
    /// "name: value" with the name in lower case, in the order they came in.
    pub headers: Vec<String>,
    /// As it came: nothing is decoded.
    pub content: Vec<u8>,
}

impl Part {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.iter().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

/// Reads an answer of the route /multipart.
pub fn parts(mut answer: &[u8]) -> Vec<Part> {
    fn line<'a>(answer: &mut &'a [u8]) -> &'a str {
        let end = answer.iter().position(|byte| *byte == b'\n').expect("a line's end");
        let line = std::str::from_utf8(&answer[..end]).expect("text");
        *answer = &answer[end + 1..];
        line
    }
    let mut found = Vec::new();
    while !answer.is_empty() {
        let mut part = Part { depth: line(&mut answer).parse().expect("a depth"), ..Part::default() };
        loop {
            match line(&mut answer) {
                "" => break,
                said => match said.split_once('=') {
                    Some(("name", name)) => part.name = Some(name.to_owned()),
                    Some(("filename", name)) => part.filename = Some(name.to_owned()),
                    _ => part.headers.push(said.to_owned()),
                },
            }
        }
        let length = line(&mut answer).parse().expect("a length");
        let (content, rest) = answer.split_at(length);
        part.content = content.to_vec();
        answer = rest.strip_prefix(b"\n").expect("the end of a part");
        found.push(part);
    }
    found
}
