//! An answer before it goes over the wire.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// An answer that may still be changed by a fault.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
    /// Whether a proxy in front of the API speaks; it numbers no requests (observed).
    pub(crate) is_from_edge: bool,
}

/// What stands in an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Empty,
    Json(Value),
    /// Anything else, with its content type.
    Text(&'static str, String),
}

impl Reply {
    pub(crate) fn json(status: u16, value: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Json(value),
            is_from_edge: false,
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Empty,
            is_from_edge: false,
        }
    }

    pub(crate) fn html(status: u16, page: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Text("text/html", page.into()),
            is_from_edge: false,
        }
    }

    /// A v1 answer: data inside the envelope, whose keys stand in the recorded order.
    pub(crate) fn envelope(data: impl Into<Value>) -> Self {
        Self::json(200, json!({"status": success(), "data": data.into()}))
    }

    /// A v1 answer without data.
    pub(crate) fn done(message: &str) -> Self {
        let mut status = success();
        if let Some(object) = status.as_object_mut() {
            object.insert("message".to_owned(), Value::from(message));
        }
        Self::json(200, json!({"status": status}))
    }

    /// A v1 list with its paging part.
    pub(crate) fn envelope_page(pagination: &impl Serialize, data: &[Value]) -> Self {
        Self::json(
            200,
            json!({"status": success(), "pagination": pagination, "data": data}),
        )
    }

    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set_header(name, value);
        self
    }

    pub(crate) fn set_header(&mut self, name: &str, value: impl Into<String>) {
        self.remove_header(name);
        self.headers.push((name.to_owned(), value.into()));
    }

    pub(crate) fn remove_header(&mut self, name: &str) {
        self.headers.retain(|(existing, _)| existing != name);
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(existing, _)| existing == name)
            .map(|(_, value)| value.as_str())
    }

    /// Changes the objects this answer carries: the rows of a list, of an envelope's data, or the one object.
    pub(crate) fn change_objects(&mut self, mut change: impl FnMut(&mut Map<String, Value>)) {
        let Body::Json(value) = &mut self.body else {
            return;
        };
        let is_envelope = value.get("status").is_some() && value.get("data").is_some();
        let carried = if is_envelope {
            value.get_mut("data")
        } else {
            Some(value)
        };
        match carried {
            Some(Value::Array(rows)) => {
                rows.iter_mut().filter_map(Value::as_object_mut).for_each(change);
            }
            Some(Value::Object(object)) => change(object),
            _ => {}
        }
    }

    /// Takes every row out of a list and leaves the rest of the answer as it is.
    pub(crate) fn clear_rows(&mut self) {
        let Body::Json(value) = &mut self.body else {
            return;
        };
        let rows = match value {
            Value::Object(map) => map.get_mut("data"),
            other => Some(other),
        };
        if let Some(Value::Array(rows)) = rows {
            rows.clear();
        }
    }
}

fn success() -> Value {
    json!({"error": false, "code": 200, "type": "success", "message": "Success"})
}
