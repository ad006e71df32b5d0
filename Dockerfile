# The bot as a container: docker build -t teammate-bot .
# Run it with --read-only --tmpfs /tmp and a volume or a PostgreSQL for the data: docs/deploying.md.

# The same Node that the tests run on; test/deploy/image.test.ts holds the two together.
ARG NODE=node:24.21.0-slim

# The tab's bundle, made with the development dependencies, which stay behind.
FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

# What runs. No package of ours needs its install script in production.
FROM ${NODE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && \
    find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete

FROM ${NODE}
ENV NODE_ENV=production DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY cards cards
COPY src src
COPY --from=build /app/dist dist
# An embedded database is kept here; with DATABASE_URL nothing is. Nothing else is ever written but to /tmp.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 3978
# The image has no curl.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3978}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself, not npm, which does not pass every signal on.
CMD ["node", "src/main.ts"]
