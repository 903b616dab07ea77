// The official OpenAI client for Node, unchanged: has texts embedded by the model argv[3] of the server at argv[2]. Prints one line of JSON.
import OpenAI, { APIError } from 'openai';

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: 'none', maxRetries: 0 });
const model = process.argv[3];
const input = process.argv.slice(4);
const answer = await client.embeddings.create({ model, input });
const result = { vectors: answer.data.map((item) => item.embedding), places: answer.data.map((item) => item.index), usage: answer.usage };
result.numbers = (await client.embeddings.create({ model, input: input[0], encoding_format: 'float' })).data[0].embedding;
try {
  await client.embeddings.create({ model, input: '' });
} catch (error) {
  if (!(error instanceof APIError)) throw error;
  result.error = { status: error.status, param: error.param };
}
console.log(JSON.stringify(result));
