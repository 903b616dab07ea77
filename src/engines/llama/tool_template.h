#pragma once

// Inside engines/llama only, for .cc files: how a model is told of tools whose own chat template has no word for them.

#include <string_view>

namespace hearth::engines::llama {

/// For models that speak ChatML (<|im_start|>role … <|im_end|>). Tools are listed in <tools>, a call is a JSON object
/// in <tool_call>, its result is in <tool_response>: the form of the Hermes function-calling models, which Qwen 2.5
/// took over and which llama.cpp reads back.
inline constexpr std::string_view kChatMlToolTemplate = R"({%- if messages[0].role == 'system' %}
{%- set system = messages[0].content %}
{%- set turns = messages[1:] %}
{%- else %}
{%- set system = 'You are a helpful assistant.' %}
{%- set turns = messages %}
{%- endif %}
{{- '<|im_start|>system\n' + system }}
{%- if tools %}
{{- '\n\nYou can call functions. Each line within <tools> describes one:\n<tools>' }}
{%- for tool in tools %}
{{- '\n' }}{{- tool | tojson }}
{%- endfor %}
{{- '\n</tools>\nTo call one, write a JSON object with its name and arguments within <tool_call>:\n' }}
{{- '<tool_call>\n{"name": "function", "arguments": {"argument": "value"}}\n</tool_call>' }}
{%- endif %}
{{- '<|im_end|>\n' }}
{%- for turn in turns %}
{%- if turn.role == 'tool' %}
{{- '<|im_start|>user\n<tool_response>\n' + turn.content + '\n</tool_response><|im_end|>\n' }}
{%- else %}
{{- '<|im_start|>' + turn.role }}
{%- if turn.content %}
{{- '\n' + turn.content }}
{%- endif %}
{%- for call in turn.tool_calls or [] %}
{{- '\n<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' }}{{- call.function.arguments | tojson }}{{- '}\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\n' }}
{%- endif %}
)";

/// What such a call begins with: put behind the prompt it makes even a small model call, where a call is asked for.
inline constexpr std::string_view kChatMlToolTag = "<tool_call>";  // a line of its own

}  // namespace hearth::engines::llama
