//! Collections: a durable index of documents that arriving ones are compared with.
