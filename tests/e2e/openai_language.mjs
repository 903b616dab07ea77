// The official OpenAI client for Node, unchanged: asks the language model argv[3] of the server at argv[2]. Prints one line of JSON.
import OpenAI, { APIError } from 'openai';

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: 'none', maxRetries: 0 });
const model = process.argv[3];
const messages = [{ role: 'user', content: 'What is the capital of France?' }];
const fixed = { model, temperature: 0, seed: 1 };
const result = {};

// Both read the prompt anew: of one that is known the last token is read alone, with other last bits.
const anew = { ...fixed, messages, max_tokens: 16, cache_prompt: false };
const chat = await client.chat.completions.create(anew);
result.chat = { text: chat.choices[0].message.content, usage: chat.usage };

result.streamed = '';
for await (const event of await client.chat.completions.create({ ...anew, stream: true })) {
  result.streamed += event.choices[0]?.delta.content ?? '';
}

const city = { type: 'object', properties: { city: { type: 'string', maxLength: 20 } }, required: ['city'], additionalProperties: false };
const formed = await client.chat.completions.create({
  ...fixed, messages, max_tokens: 60, response_format: { type: 'json_schema', json_schema: { name: 'city', schema: city, strict: true } },
});
result.formed = JSON.parse(formed.choices[0].message.content);

const called = await client.chat.completions.create({
  ...fixed, messages, max_tokens: 60, tool_choice: 'required',
  tools: [{ type: 'function', function: { name: 'look_up', description: 'Looks a city up', parameters: city } }],
});
const call = called.choices[0].message.tool_calls[0].function;
result.called = { name: call.name, arguments: JSON.parse(call.arguments) };

const completion = await client.completions.create({ ...fixed, prompt: 'The capital of France is', max_tokens: 4 });
result.completion = completion.choices[0].text;

const response = await client.responses.create({ model, input: 'Say hello.', max_output_tokens: 8, temperature: 0 });
result.response = response.output_text;
result.events = [];
for await (const event of await client.responses.create({ model, input: 'Say hello.', max_output_tokens: 8, temperature: 0, stream: true })) {
  if (result.events.at(-1) !== event.type) result.events.push(event.type);
}

// A reader who leaves: the client aborts the request itself.
const left = await client.chat.completions.create({ ...fixed, messages, max_tokens: 1500, stream: true });
for await (const event of left) {
  if (event.choices[0]?.delta.content) break;
}
left.controller.abort();

try {
  await client.chat.completions.create({ ...fixed, messages, max_tokens: 4, n: 1000 });
} catch (error) {
  if (!(error instanceof APIError)) throw error;
  result.error = { status: error.status, param: error.param, type: error.type };
}
console.log(JSON.stringify(result));
