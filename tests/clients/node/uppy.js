// One upload by Uppy, as the JSON of the first argument says; what came of it is printed as JSON.
import { readFileSync } from 'node:fs'
import Uppy from '@uppy/core'
import Tus from '@uppy/tus'

const { file, ...options } = JSON.parse(process.argv[2])
const requests = []

const uppy = new Uppy()
uppy.use(Tus, {
  retryDelays: [0, 50, 100, 200, 400],
  onAfterResponse: (request, response) => requests.push(`${request.getMethod()} ${response.getStatus()}`),
  ...options,
})

// In a browser this is a File; in Node, tus-js-client below it takes a Buffer, and Uppy asks it for its size.
const content = readFileSync(file)
uppy.addFile({ name: 'clip.bin', type: 'application/x-clip', data: Object.assign(content, { size: content.length }) })
const { successful, failed } = await uppy.upload()
const [done] = [...successful, ...failed]
console.log(JSON.stringify({ succeeded: successful.length === 1, error: done.error, requests, url: done.uploadURL }))
