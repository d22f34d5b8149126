# freshet in a container:
#
#   docker build -t freshet .
#   docker run --rm -p 127.0.0.1:8470:8470 --read-only --cap-drop ALL \
#       -v freshet:/data -e FRESHET_AUTH_TOKEN=... freshet
#
# It runs as uid 10001 on a read-only root; /data, where log and snapshots are
# kept, is the only place it may write.  It listens on every address of the container, so it demands a token
# and says so when there is none.

FROM debian:bookworm-slim AS build
WORKDIR /src
# The packages first: they change less often than the source.
COPY mk/deps.sh mk/
COPY packages packages
RUN sh mk/deps.sh packages/build.txt
COPY . .
# --build-arg VERSION="$(git describe --tags --always)": the image is built
# without the history.  make takes it from the environment.
ARG VERSION
RUN make -j"$(nproc)" freshet && strip freshet

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="freshet" \
      org.opencontainers.image.description="A recommender that learns from every event while it serves" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY LICENSE mk/deps.sh packages/run.txt /usr/share/freshet/
RUN sh /usr/share/freshet/deps.sh /usr/share/freshet/run.txt && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt \
           /var/log/dpkg.log && \
    install -d -o 10001 -g 10001 /data
COPY --from=build /src/freshet /usr/local/bin/freshet
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV FRESHET_DATA_DIR=/data
EXPOSE 8470
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["freshet", "health"]
ENTRYPOINT ["freshet"]
CMD ["serve", "--server.listen=0.0.0.0:8470"]
