//! Server-sent events, as far as hookbelt's own server sends them: an id and data.

/// The most bytes that a line may have; a longer one is no event of ours, and is dropped.
const MAX_LINE: usize = 1024 * 1024;

/// What has come of a stream, piece by piece.
#[derive(Debug, Default)]
pub struct EventReader {
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    /// The data of an event whose end has not come yet.
    data: Option<String>,
}

impl EventReader {
    /// Takes the next piece of the stream; says the data of the events that end in it. Comments are signs of life and no
    /// events.
    pub fn take(&mut self, piece: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            if self.line.len() + part.len() <= MAX_LINE {
                self.line.extend_from_slice(part);
            }
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                events.extend(self.take_line(&String::from_utf8_lossy(&line)));
            }
        }
        events
    }

    /// An empty line ends an event.
    fn take_line(&mut self, line: &str) -> Option<String> {
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            return self.data.take();
        }
        if let Some(value) = line.strip_prefix("data:") {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => data.extend(["\n", value]),
                None => self.data = Some(value.to_owned()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::EventReader;

    const STREAM: &str = ": alive\n\nid: 1\ndata: one\n\n: alive\r\n\r\nevent: x\ndata:two\ndata:  three\r\n\r\n\
                          id: 4\n\ndata: \n\ndata: half";

    #[test]
    fn an_event_is_its_data_lines_and_comments_are_none() {
        assert_eq!(EventReader::default().take(STREAM.as_bytes()), ["one", "two\n three", ""]);
        assert_eq!(EventReader::default().take("data: \u{fffd}\n\n".as_bytes()), ["\u{fffd}"]);
    }

    #[test]
    fn a_line_without_end_takes_no_more_room() {
        let mut reader = EventReader::default();
        for _ in 0..40 {
            assert!(reader.take(&vec![b'x'; 64 * 1024]).is_empty());
        }
        assert!(reader.line.len() <= super::MAX_LINE);
        assert_eq!(reader.take(b"\n\ndata: on\n\n"), ["on"]);
    }

    proptest! {
        #[test]
        fn events_are_the_same_however_the_stream_is_cut(sizes in prop::collection::vec(1_usize..9, 1..200)) {
            let (mut reader, mut events, mut rest) = (EventReader::default(), Vec::new(), STREAM.as_bytes());
            for size in sizes.into_iter().chain([STREAM.len()]) {
                let (piece, after) = rest.split_at(size.min(rest.len()));
                events.extend(reader.take(piece));
                rest = after;
            }
            prop_assert_eq!(events, EventReader::default().take(STREAM.as_bytes()));
        }
    }
}
