//! Machines that read like a sentence.
