# One image for all services: the command says which.
FROM node:24.11.1-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY bin bin
COPY cli cli
COPY examples examples
COPY schemas schemas
COPY services services
COPY shared shared
COPY stack stack
USER node
ENV TIDEMARK_HTTP_HOST=0.0.0.0 TIDEMARK_HTTP_PORT=9464
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/tidemark.js"]
CMD ["--help"]
