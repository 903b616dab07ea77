// The official OpenAI client for Node, unchanged: takes apart what the language model argv[3] of the server at argv[2] answers, with the client's
// own helpers too. Prints one line of JSON.
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: 'none', maxRetries: 0 });
const fixed = { model: process.argv[3], temperature: 0, seed: 1 };
const ask = (content) => [{ role: 'user', content }];
const result = {};

// Stops, limits and logprobs.
const counted = await client.completions.create({ ...fixed, prompt: 'One, two, three,', stop: ['six'], max_tokens: 40 });
result.stopped = { text: counted.choices[0].text, reason: counted.choices[0].finish_reason };

const limited = await client.chat.completions.create({ ...fixed, messages: ask('Write a long story.'), max_tokens: 5 });
result.limited = { reason: limited.choices[0].finish_reason, tokens: limited.usage.completion_tokens };

const capital = ask('What is the capital of France?');
const weighed = await client.chat.completions.create({ ...fixed, messages: capital, max_tokens: 4, logprobs: true, top_logprobs: 3 });
result.weighed = { text: weighed.choices[0].message.content, tokens: weighed.choices[0].logprobs.content };

const plain = { ...fixed, max_tokens: 3, cache_prompt: false };
result.prompts = ['The sky is', 'Grass is'];
const complete = async (more) => (await client.completions.create({ ...plain, ...more })).choices.map((choice) => choice.text);
result.choices = [];
result.echoed = [];
for (const prompt of result.prompts) {  // one by one: side by side they are read in other steps, and may end in other words
  result.choices.push(...(await complete({ prompt })));
  result.echoed.push(...(await complete({ prompt, echo: true })));
}
result.side_by_side = await complete({ prompt: result.prompts, echo: true });
const lists = await client.completions.create({ ...fixed, prompt: 'The capital of France is', max_tokens: 4, logprobs: 2 });
result.lists = { text: lists.choices[0].text, ...lists.choices[0].logprobs };

// Tools: one of two by its name, in pieces; and what a tool said.
const tool = (name, property, values) => ({
  type: 'function',
  function: {
    name, description: `Tells the ${name}`, strict: true,
    parameters: { type: 'object', properties: { [property]: { type: 'string', enum: values } }, required: [property], additionalProperties: false },
  },
});
const tools = [tool('weather', 'city', ['Rome', 'Paris']), tool('time', 'zone', ['CET', 'UTC'])];
const calling = client.chat.completions.stream({
  ...fixed, messages: ask('Hello.'), tools, tool_choice: { type: 'function', function: { name: 'time' } }, max_tokens: 60,
});
result.calls = [];
calling.on('tool_calls.function.arguments.done', (call) => result.calls.push({ name: call.name, arguments: call.parsed_arguments }));
await calling.done();
const told = await client.chat.completions.create({
  ...fixed, tools, max_tokens: 30,
  messages: [
    ...ask('What is the weather in Rome?'),
    { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city": "Rome"}' } }] },
    { role: 'tool', tool_call_id: 'a', content: 'sunny' },
  ],
});
result.told = told.choices[0].message.content;

// The client's streams, followed to their end.
const chat = client.chat.completions.stream({ ...fixed, messages: ask('What is 2+2?'), max_tokens: 60, stream_options: { include_usage: true } });
result.chat = { deltas: [], done: [] };
chat.on('content.delta', ({ delta }) => result.chat.deltas.push(delta));
chat.on('content.done', ({ content }) => result.chat.done.push(content));
result.chat.text = (await chat.finalChatCompletion()).choices[0].message.content;
result.chat.usage = await chat.totalUsage();

const response = client.responses.stream({ model: fixed.model, temperature: 0, input: 'What is 2+2?', max_output_tokens: 400 });
result.response = { kinds: [], numbers: [], text: '' };
for await (const event of response) {
  if (result.response.kinds.at(-1) !== event.type) result.response.kinds.push(event.type);
  result.response.numbers.push(event.sequence_number);
  if (event.type === 'response.output_text.delta') result.response.text += event.delta;
}
const whole = await response.finalResponse();
const parts = whole.output.flatMap((item) => item.content ?? []);  // the client makes no output_text of a stream
result.response.final = { text: parts.map((part) => part.text).join(''), status: whole.status };

// The client's parsers.
const schema = {
  type: 'object', properties: { city: { type: 'string', enum: ['Paris', 'Rome'] }, large: { type: 'boolean' } }, required: ['city', 'large'],
  additionalProperties: false,
};
const format = { name: 'city', schema, strict: true };
const parsed = await client.chat.completions.parse({
  ...fixed, messages: ask('Describe Paris as JSON.'), max_tokens: 200, response_format: { type: 'json_schema', json_schema: format },
});
result.parsed = parsed.choices[0].message.parsed;
const formed = await client.responses.parse({
  model: fixed.model, temperature: 0, input: 'Describe Paris as JSON.', max_output_tokens: 200, text: { format: { type: 'json_schema', ...format } },
});
result.formed = formed.output_parsed;
console.log(JSON.stringify(result));
