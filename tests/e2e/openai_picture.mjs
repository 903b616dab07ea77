// The official OpenAI client for Node, unchanged: shows the picture at argv[4] to the model argv[3] of the server at argv[2], and asks the same
// without it. Prints one line of JSON.
import fs from 'node:fs';
import OpenAI, { APIError } from 'openai';

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: 'none', maxRetries: 0 });
const question = { type: 'text', text: 'What do you see?' };
const show = (bytes) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${bytes.toString('base64')}` } });
const asked = (content) => ({ model: process.argv[3], messages: [{ role: 'user', content }], temperature: 0, max_tokens: 20 });
const picture = show(fs.readFileSync(process.argv[4]));
const result = {};

for (const [name, content] of Object.entries({ seen: [question, picture], blind: [question] })) {
  result[name] = (await client.chat.completions.create(asked(content))).choices[0].message.content;
}
result.streamed = '';
for await (const event of await client.chat.completions.create({ ...asked([question, picture]), stream: true })) {
  result.streamed += event.choices[0]?.delta.content ?? '';
}
const responding = { model: process.argv[3], temperature: 0, max_output_tokens: 20 };
const input = [{ role: 'user', content: [{ type: 'input_text', text: question.text }, { type: 'input_image', image_url: picture.image_url.url }] }];
result.responded = (await client.responses.create({ ...responding, input })).output_text;
try {
  await client.chat.completions.create(asked([question, show(Buffer.from('no picture'))]));
} catch (error) {
  if (!(error instanceof APIError)) throw error;
  result.error = { status: error.status, type: error.type };
}
console.log(JSON.stringify(result));
