//! Archive jobs: uploads that are de-duplicated in the background, one after the other, whatever happens to the process.
