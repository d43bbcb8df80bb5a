//! Pages of v2 lists: an offset dressed up as a cursor.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::tenant::{OverLimit, PageLimits};

/// Which page a request asks for. The whole of it stands in the cursor, and nothing else does (observed).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    limit: usize,
    page: usize,
    pub(crate) sort: String,
    pub(crate) descending: bool,
}

impl Window {
    /// Reads `cursor`, or else `limit`, `page` and `sort`; both together are refused (reported).
    pub(crate) fn read(request: &Request, limits: &PageLimits) -> Result<Self, Reply> {
        let limit = request.param("limit");
        let page = request.param("page");
        if let Some(cursor) = request.filter("cursor") {
            if limit.is_some() || page.is_some() {
                return Err(errors::described(
                    400,
                    "Requests can only have cursor xor pagination arguments",
                ));
            }
            return Self::from_cursor(cursor)
                .ok_or_else(|| errors::described(400, "Invalid pagination cursor"));
        }
        let (sort, descending) = read_sort(request.filter("sort").unwrap_or("id"));
        Ok(Self {
            limit: read_limit(limit, limits)?,
            page: read_positive("page", page, 1)?,
            sort,
            descending,
        })
    }

    fn from_cursor(cursor: &str) -> Option<Self> {
        let decoded = STANDARD.decode(cursor).ok()?;
        let mut window = Self {
            limit: 0,
            page: 0,
            sort: "id".to_owned(),
            descending: false,
        };
        for (key, value) in form_urlencoded::parse(&decoded) {
            match &*key {
                "limit" => window.limit = value.parse().ok()?,
                "page" => window.page = value.parse().ok()?,
                "sort" => window.sort = value.into_owned(),
                "sort_direction" => window.descending = value == "desc",
                _ => return None,
            }
        }
        (window.limit > 0 && window.page > 0).then_some(window)
    }

    fn cursor(&self, page: usize) -> String {
        let direction = if self.descending { "desc" } else { "asc" };
        STANDARD.encode(format!(
            "limit={}&sort={}&page={page}&sort_direction={direction}",
            self.limit, self.sort
        ))
    }

    /// Answers with the rows of this page and the paging headers.
    ///
    /// `shifted_rows` of the request moves the page as rows that came or went further ahead would.
    pub(crate) fn reply<T>(&self, request: &Request, rows: &[T], render: impl FnMut(&T) -> Value) -> Reply {
        let start = (self.page - 1).saturating_mul(self.limit);
        let shift = isize::try_from(request.shifted_rows).unwrap_or(0);
        let total = rows.len().saturating_add_signed(-shift);
        let body: Vec<Value> = rows
            .iter()
            .skip(start.saturating_add_signed(shift))
            .take(self.limit)
            .map(render)
            .collect();
        let mut reply = Reply::json(200, Value::Array(body));
        for (name, value) in self.headers(request, total) {
            reply.set_header(name, value);
        }
        reply
    }

    fn headers(&self, request: &Request, total: usize) -> Vec<(&'static str, String)> {
        let pages = total.div_ceil(self.limit).max(1);
        let mut links = vec![(1, "first"), (pages, "last")];
        let mut headers = vec![
            ("current-page", self.page.to_string()),
            // Documented as the number of rows returned, in fact the page size (observed).
            ("page-items", self.limit.to_string()),
            ("total-count", total.to_string()),
            ("total-pages", pages.to_string()),
            ("cursor", self.cursor(self.page)),
        ];
        if self.page > 1 {
            links.push((self.page - 1, "prev"));
            headers.push(("before-cursor", self.cursor(self.page - 1)));
        }
        if self.page < pages {
            links.push((self.page + 1, "next"));
            headers.push(("after-cursor", self.cursor(self.page + 1)));
        }
        let links: Vec<String> = links
            .into_iter()
            .map(|(page, rel)| format!("<{}>; rel=\"{rel}\"", self.address(request, page)))
            .collect();
        headers.push(("link", links.join(", ")));
        headers
    }

    /// The request's address with another page, its filters kept.
    fn address(&self, request: &Request, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, value) in &request.query {
            if !matches!(key.as_str(), "cursor" | "limit" | "page") {
                query.append_pair(key, value);
            }
        }
        query.append_pair("limit", &self.limit.to_string());
        query.append_pair("page", &page.to_string());
        format!("{}?{}", request.address(), query.finish())
    }
}

/// `+field` or `-field`; a plus that was not encoded arrives as a space (documented).
fn read_sort(sort: &str) -> (String, bool) {
    match sort.strip_prefix('-') {
        Some(field) => (field.to_owned(), true),
        None => (sort.trim_start_matches(['+', ' ']).to_owned(), false),
    }
}

fn read_limit(value: Option<&str>, limits: &PageLimits) -> Result<usize, Reply> {
    let limit = read_positive("limit", value, limits.default)?;
    if limit <= limits.max {
        return Ok(limit);
    }
    match limits.over {
        OverLimit::Clamp => Ok(limits.max),
        OverLimit::Refuse => Err(errors::described(
            400,
            format!("limit must be at most {}", limits.max),
        )),
    }
}

/// A number above zero; that anything else is refused is a guess.
fn read_positive(name: &str, value: Option<&str>, default: usize) -> Result<usize, Reply> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(default);
    };
    value
        .parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| errors::described(400, format!("{name} must be a positive number")))
}
