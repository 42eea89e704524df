// @tus/server as its README teaches it, with files in a folder: `node tus_server.mjs HOST PORT FOLDER`.
// https://www.npmjs.com/package/@tus/server; it computes no digest and syncs nothing.
import http from "node:http";
import { FileStore } from "@tus/file-store";
import { Server } from "@tus/server";

const [host, port, directory] = process.argv.slice(2);
const tus = new Server({ path: "/files", datastore: new FileStore({ directory }) });

http
  .createServer((request, response) => (request.url === "/ready" ? response.end() : tus.handle(request, response)))
  .listen(Number(port), host);
