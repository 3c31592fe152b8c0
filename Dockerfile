# taoxi in a small image: `docker build -t taoxi .`, then
#   docker run --rm -v "$PWD":/data:ro taoxi clean page.html
#   docker run --rm -i taoxi clean - < page.html

FROM rust:1-slim-bookworm AS builder
WORKDIR /build
# Cargo wants every target that the manifest names, so the benches come along.
COPY Cargo.toml Cargo.lock build.rs ./
COPY benches benches
COPY rules rules
COPY src src
RUN cargo build --release --locked \
    && mkdir -p /out \
    && cp target/release/taoxi /out/taoxi

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="taoxi" \
      org.opencontainers.image.description="Washes scraped documents" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=builder /out/taoxi /usr/local/bin/taoxi
# The program carries the shipped rules inside; this copy is there to be read, and to start rules of one's own from.
COPY rules /usr/share/taoxi/rules
COPY LICENSE NOTICE /usr/share/doc/taoxi/
WORKDIR /data
USER 10001:10001
ENTRYPOINT ["taoxi"]
CMD ["--help"]
