// One upload by tus-js-client, as the JSON of the first argument says; what came of it is printed as JSON.
import { createReadStream, readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { FileUrlStorage, Upload } from 'tus-js-client'

const { file, source, urls, resume, stopAt, terminate, ...options } = JSON.parse(process.argv[2])
const sources = {
  buffer: () => readFileSync(file),
  file: () => createReadStream(file),
  stream: () => createReadStream(file).pipe(new PassThrough()),
}
const requests = []

const upload = new Upload(sources[source ?? 'buffer'](), {
  retryDelays: [0, 50, 100, 200, 400],
  ...(urls && { urlStorage: new FileUrlStorage(urls) }),
  onAfterResponse: (request, response) => requests.push(`${request.getMethod()} ${response.getStatus()}`),
  onError: (error) => tell({ error: error.message }),
  onSuccess: () => tell({ succeeded: true }),
  onChunkComplete: stop,
  ...options,
})

function tell(outcome) {
  console.log(JSON.stringify({ ...outcome, requests, url: upload.url }))
}

async function stop(_size, accepted) {
  if (!stopAt || accepted < stopAt) return
  await upload.abort(terminate)
  tell({ stoppedAt: accepted })
}

if (resume) {
  const [previous] = await upload.findPreviousUploads()
  upload.resumeFromPreviousUpload(previous)
}
upload.start()
