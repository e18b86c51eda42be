# The gateway, the demo crew and every other `auren` command. The image holds the built package and what it needs to run.
FROM node:24.11.1-bookworm-slim AS build
WORKDIR /auren
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json vite.config.ts ./
COPY scripts scripts
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts
# The package leaves the client of Kafka to whoever needs it; an image has it, in the version that was tried.
RUN npm install --prefix /peers --ignore-scripts \
    "@platformatic/kafka@$(node -p "require('./package-lock.json').packages['node_modules/@platformatic/kafka'].version")"

FROM node:24.11.1-bookworm-slim
ENV NODE_ENV=production
WORKDIR /auren
COPY --from=build /auren/package.json ./
COPY --from=build /auren/node_modules node_modules
COPY --from=build /auren/dist dist
# Node looks in the folders above, too.
COPY --from=build /peers/node_modules /node_modules
USER node
EXPOSE 8765 9464
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["gateway", "--host", "0.0.0.0"]
