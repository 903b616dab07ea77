// The official OpenAI client for Node, unchanged, against the server at argv[2]. Prints one line of JSON.
import OpenAI, { APIError } from 'openai';
import { Stream } from 'openai/streaming';

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: 'none', maxRetries: 0 });
const input = 'Hello world, how are you today?';
const result = { formats: {}, errors: {} };

for (const response_format of ['mp3', 'wav', 'flac', 'opus', 'pcm']) {
  const response = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input, response_format });
  const sound = Buffer.from(await response.arrayBuffer());
  result.formats[response_format] = {
    bytes: sound.length,
    type: response.headers.get('content-type'),
    start: sound.subarray(0, 4).toString('latin1'),
  };
}

const streamed = await client.audio.speech.create({ model: 'tts-1', voice: 'nova', input, response_format: 'pcm' });
let pieces = 0;
for await (const piece of streamed.body) pieces += piece.length > 0 ? 1 : 0;
result.pieces = pieces;

// The client has no events of speech of its own: it gives the response.
const sse = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input, response_format: 'pcm', stream_format: 'sse' });
result.events = [];
for await (const { audio, ...event } of Stream.fromSSEResponse(sse, new AbortController())) {
  result.events.push({ ...event, bytes: Buffer.from(audio ?? '', 'base64').length });
}

result.models = [];
for await (const model of client.models.list()) result.models.push(model.id);
result.retrieved = (await client.models.retrieve('tts-1')).id;

const attempts = {
  voice: { model: 'tts-1', voice: 'no_such_voice', input },
  model: { model: 'gpt-9', voice: 'alloy', input },
  speed: { model: 'tts-1', voice: 'alloy', input, speed: 9 },
};
for (const [name, body] of Object.entries(attempts)) {
  try {
    await client.audio.speech.create(body);
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    result.errors[name] = { status: error.status, param: error.param, code: error.code, type: error.type };
  }
}

// A client that goes away in the middle.
const abort = new AbortController();
const long = await client.audio.speech.create(
  { model: 'tts-1', voice: 'alloy', input: 'A long sentence that goes on and on. '.repeat(20), response_format: 'pcm' },
  { signal: abort.signal },
);
for await (const piece of long.body) {
  if (piece.length > 0) break;
}
abort.abort();
console.log(JSON.stringify(result));
