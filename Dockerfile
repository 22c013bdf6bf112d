# syntax=docker/dockerfile:1
# The platform in one image: build, then a small system with TeX and bubblewrap.
# A read-only root is fine: only /data is written (docker run --read-only --tmpfs /tmp -v …:/data).

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin maquisdoc \
    && cp target/release/maquisdoc /maquisdoc

FROM debian:bookworm-slim
# A release of Debian pins them; its security updates are wanted.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates git bubblewrap latexmk \
        texlive-latex-recommended texlive-latex-extra texlive-lang-french texlive-science \
        texlive-xetex texlive-luatex cm-super \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin maquisdoc \
    && install -d -o maquisdoc /data
COPY --from=build /maquisdoc /usr/local/bin/maquisdoc
# By number, so that platforms that refuse root see that it is not.
USER 10001
WORKDIR /srv
# What is served: a folder with a maquisdoc.toml. Another one is built in with
# `--build-arg SITE=folder`, or mounted over /srv.
ARG SITE=demo
COPY ${SITE} /srv
VOLUME /data
ENV MQD_DATA=/data MQD_LISTEN=0.0.0.0:8000
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/${PORT:-8000}; printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3; grep -q ' 200 ' <&3"]
ENTRYPOINT ["maquisdoc"]
CMD ["serve"]
