//! The functions of include/curlback.h.

/// A function of the header: its name, and its parameters' types and names.
pub struct Prototype {
    pub name: String,
    pub parameters: Vec<(String, String)>,
}

impl Prototype {
    /// Whether it takes a handle, not a place for one.
    pub fn takes_handle(&self) -> bool {
        let handles = [
            "struct curlback_easy *",
            "struct curlback_list *",
            "const struct curlback_list *",
            "struct curlback_trailers *",
            "struct curlback_hsts_slot *",
            "struct curlback_multi *",
            "struct curlback_mime *",
            "struct curlback_mime_part *",
            "struct curlback_share *",
        ];
        self.parameters.iter().any(|(kind, _)| handles.contains(&kind.as_str()))
    }
}

/// All functions of include/curlback.h.
pub fn prototypes() -> Vec<Prototype> {
    let header = include_str!("../../include/curlback.h");
    let mut code = String::new();
    for (number, part) in header.split("/*").enumerate() {
        code.push_str(if number == 0 { part } else { part.split_once("*/").expect("a comment's end").1 });
    }
    let directive = |line: &&str| !line.starts_with('#') && !line.starts_with("extern \"C\"");
    let code: Vec<&str> = code.lines().filter(directive).collect();
    let declarations = code.join(" ");
    declarations
        .split(';')
        .filter(|declaration| !declaration.contains(['{', '}']) && !declaration.contains("typedef"))
        .filter_map(|declaration| {
            let (before, parameters) = declaration.split_once('(')?;
            let name = before.split_whitespace().last()?.trim_start_matches('*').to_owned();
            let parameters = parameters.trim().strip_suffix(')').expect("a prototype's end");
            Some(Prototype { name, parameters: parameters.split(',').map(parameter).collect() })
        })
        .collect()
}

fn parameter(text: &str) -> (String, String) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let name_at = text.rfind([' ', '*']).map_or(0, |at| at + 1);
    (text[..name_at].trim().to_owned(), text[name_at..].to_owned())
}
