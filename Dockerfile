# taoxi in a small image: `docker build -t taoxi .`
#
# As a service. In a container it listens on every address, which it does only when it has a key; so make one first. It is printed once:
#   docker run --rm -v taoxi:/data taoxi keys create --scopes admin
#   docker run -d --name taoxi --read-only -v taoxi:/data -p 127.0.0.1:8077:8077 taoxi
# A key of your own (24 characters or more) is given as a file that the user 65532 may read:
#   docker run -d --read-only -v taoxi:/data -p 127.0.0.1:8077:8077 \
#     -v "$PWD/api_key":/run/secrets/api_key:ro -e TAOXI_API_KEY_FILE=/run/secrets/api_key taoxi
# deploy/compose.yaml does all this and more.
#
# As a command:
#   docker run --rm -i taoxi clean - < page.html
#   docker run --rm -v "$PWD":/in:ro taoxi clean /in/page.html

FROM rust:1-slim-bookworm AS builder
WORKDIR /build
# Cargo wants every target that the manifest names, so the benches come along.
COPY Cargo.toml Cargo.lock build.rs ./
COPY benches benches
# So does the other package of the workspace, which is not built here.
COPY clients/python/Cargo.toml clients/python/Cargo.toml
COPY clients/python/src clients/python/src
COPY rules rules
COPY src src
RUN cargo build --release --locked \
    && mkdir -p /out/data \
    && cp target/release/taoxi /out/taoxi

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="taoxi" \
      org.opencontainers.image.description="Washes scraped documents and finds the copies among them" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=builder /out/taoxi /usr/local/bin/taoxi
# The program carries the shipped rules inside; this copy is there to be read, and to start rules of one's own from.
COPY rules /usr/share/taoxi/rules
COPY LICENSE NOTICE /usr/share/doc/taoxi/
# A volume takes the owner of the folder that it is laid over; the image has no shell that could change it later.
COPY --from=builder --chown=65532:65532 /out/data /data
ENV TAOXI_LISTEN=0.0.0.0:8077 \
    TAOXI_DATA=/data
VOLUME /data
WORKDIR /data
EXPOSE 8077
USER 65532:65532
# Starting may take as long as reading the collections does.
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 CMD ["/usr/local/bin/taoxi", "health"]
ENTRYPOINT ["/usr/local/bin/taoxi"]
CMD ["serve"]
