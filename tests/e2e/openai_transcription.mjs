// The official OpenAI client for Node, unchanged: transcribes the file at argv[3] by the server at argv[2]. Prints one line of JSON.
import { File } from 'node:buffer';
import fs from 'node:fs';
import OpenAI, { APIError } from 'openai';

globalThis.File ??= File;  // Node 18, which is Debian's, has none; the client asks for it
const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: 'none', maxRetries: 0 });
const file = () => fs.createReadStream(process.argv[3]);
const model = 'whisper-1';
const create = (fields) => client.audio.transcriptions.create({ file: file(), model, ...fields });
const result = { formats: {}, deltas: [] };

for (const response_format of ['json', 'text', 'srt', 'vtt']) result.formats[response_format] = await create({ response_format });
result.verbose = await create({ response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'] });
for await (const event of await create({ stream: true, language: 'en' })) {
  if (event.type === 'transcript.text.delta') result.deltas.push(event.delta);
  if (event.type === 'transcript.text.done') result.done = event.text;
}
const weighed = await create({ include: ['logprobs'] });
result.weighed = { text: weighed.text, tokens: weighed.logprobs };
result.translation = (await client.audio.translations.create({ file: file(), model })).text;
try {
  await create({ language: 'klingon' });
} catch (error) {
  if (!(error instanceof APIError)) throw error;
  result.error = { status: error.status, param: error.param };
}
console.log(JSON.stringify(result));
