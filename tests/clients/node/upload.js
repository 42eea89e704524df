// One upload by tus-js-client, as the JSON of the first argument says; what came of it is printed as JSON.
import { createReadStream, readFileSync } from 'node:fs'
import { FileUrlStorage, Upload, canStoreURLs } from 'tus-js-client'

const { file, source, urls, resume, stopAt, terminate, ...options } = JSON.parse(process.argv[2])
const sources = { buffer: () => readFileSync(file), file: () => createReadStream(file) }
const found = { canStoreURLs, requests: [], retries: 0 }

function told(outcome) {
  console.log(JSON.stringify({ ...found, ...outcome, url: upload.url }))
  process.exit(0)
}

const upload = new Upload(sources[source ?? 'buffer'](), {
  retryDelays: [0, 50, 100, 200, 400],
  urlStorage: urls && new FileUrlStorage(urls),
  onAfterResponse: (request, response) => found.requests.push(`${request.getMethod()} ${response.getStatus()}`),
  onError: (error) => told({ error: error.message, status: error.originalResponse?.getStatus() }),
  onSuccess: () => told({ succeeded: true }),
  onChunkComplete: (_size, accepted) => {
    if (stopAt && accepted >= stopAt) upload.abort(terminate).then(() => told({ stoppedAt: accepted }))
  },
  ...options,
})

if (resume) {
  const [previous] = await upload.findPreviousUploads()
  upload.resumeFromPreviousUpload(previous)
}
upload.start()
