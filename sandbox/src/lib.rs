//! A stateful fake of the OneLogin API.
