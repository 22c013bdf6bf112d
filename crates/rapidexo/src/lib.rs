//! Sheets of quick exercises: themes, draws with a seed, exports, the sheet server
#![deny(missing_docs)]
