# The backend (here, not in deploy/, because this is where the command looks):  docker build -t exercise:latest .
#     docker run --rm -it -p 8080:8080 exercise:latest
# What is stored outlives the container in a volume:  docker run -v sampler:/var/lib/sampler …

FROM python:3.11-slim-bookworm AS build
WORKDIR /source
COPY deploy/requirements-backend.txt deploy/requirements-build.txt deploy/
# Every package is one whose hash was noted when it was tested; none is built here.
RUN python -m venv /build && python -m venv --without-pip /opt/sampler
RUN /build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r deploy/requirements-build.txt
RUN /build/bin/pip --python /opt/sampler/bin/python install --no-cache-dir --require-hashes --only-binary :all: \
    -r deploy/requirements-backend.txt
COPY pyproject.toml README.md LICENSE ./
COPY data/temperature.txt data/
COPY sampler sampler
RUN /build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /build/bin/pip --python /opt/sampler/bin/python install --no-cache-dir --no-deps /wheels/*.whl

FROM python:3.11-slim-bookworm
COPY --from=build /opt/sampler /opt/sampler
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin sampler \
    && install -d -o sampler -g sampler -m 700 /var/lib/sampler
ENV PATH=/opt/sampler/bin:$PATH STATE_DIRECTORY=/var/lib/sampler
USER 10001:10001
WORKDIR /var/lib/sampler
VOLUME /var/lib/sampler
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "-c", \
    "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8080, timeout=5); c.request('GET', '/healthz'); exit(c.getresponse().status != 204)"]
# Open, because the interfaces' documents ask for no token: publish the port to a network that you trust,
# or end the command with --closed and make tokens (docs/operations.md).
CMD ["sampler", "backend", "--host", "0.0.0.0", "--port", "8080", "--open"]
