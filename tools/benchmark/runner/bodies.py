# SPDX-License-Identifier: Apache-2.0
"""The requests: as small as a question, as large as an agent's first turn, as
large as a picture.  The same bytes in every run, for every gateway."""
import base64
import json
import random

KEY = "sk-bench"


class Messages(bytes):
    """A request of Anthropic's Messages."""
    path, head = "/v1/messages", "anthropic-version: 2023-06-01\r\n"


class Responses(bytes):
    """A request of OpenAI's Responses."""
    path, head = "/v1/responses", ""


def text_of(size, seed):
    """Markdown as system prompts have it: quotes, line ends and backslashes included."""
    words = ("the agent reads a file before it edits it and never guesses what a tool would say "
             "`rg --files` \"quoted\" path\\to\\file - item ## Tooling café → done").split(" ")
    pick = random.Random(seed)
    parts, length = [], 0
    while length < size:
        line = " ".join(pick.choice(words) for _ in range(pick.randint(6, 16))) + ".\n"
        parts.append(line)
        length += len(line)
    return "".join(parts)[:size]


QUESTION = "Why is the sky blue, and why is it red in the evening? " * 8


def small(model="gpt-5", stream=False, size=300):
    """A question of exactly `size` bytes."""
    def body(question):
        request = {"model": model, "messages": [{"role": "system", "content": "You are a helpful assistant."},
                                                {"role": "user", "content": question}]}
        if stream:
            request["stream"] = True
            request["stream_options"] = {"include_usage": True}
        return json.dumps(request).encode()
    room = size - len(body(""))
    return body(QUESTION[:max(room, 1)])


def messages(stream=False, size=300):
    """The same question as small() in Messages."""
    def body(question):
        request = {"model": "gpt-5", "max_tokens": 1024, "system": "You are a helpful assistant.",
                   "messages": [{"role": "user", "content": question}]}
        return json.dumps({**request, "stream": True} if stream else request).encode()
    return Messages(body(QUESTION[:size - len(body(""))]))


def responses(stream=False, size=300):
    """The same question as small() in Responses, of which nothing is kept."""
    def body(question):
        request = {"model": "gpt-5", "store": False, "instructions": "You are a helpful assistant.",
                   "input": [{"role": "user", "content": question}]}
        return json.dumps({**request, "stream": True} if stream else request).encode()
    return Responses(body(QUESTION[:size - len(body(""))]))


TOOLS = ("apply_patch", "edit", "exec", "ls", "openclaw", "process", "read", "sessions_yield", "tool_call",
         "tool_describe", "tool_search", "write")


def tool(name, seed):
    """With the keywords of JSON Schema that agents use."""
    def words(size):
        return text_of(size, f"{name}{seed}{size}").replace("\n", " ")
    return {"type": "function", "function": {"name": name, "description": words(180), "parameters": {
        "type": "object", "required": ["command"], "properties": {
            "title": {"type": "string", "maxLength": 120, "description": words(60)},
            "command": {"type": "string", "minLength": 1, "description": words(110)},
            "env": {"type": "object", "patternProperties": {"^.*$": {"type": "string"}}, "description": words(50)},
            "timeoutSeconds": {"type": "number", "minimum": 0, "description": words(50)},
            "targets": {"type": "array", "maxItems": 20, "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            "host": {"enum": ["auto", "sandbox", "gateway", "node"], "type": "string", "description": words(40)}}}}}


def agent(size=61_000):
    """The first request of an agent's session: a long system prompt, 12 tools, one question."""
    request = {"model": "gpt-5", "messages": [
        {"role": "system", "content": ""},
        {"role": "user", "content": text_of(330, "question")},
        {"role": "user", "content": [{"type": "text", "text": text_of(400, "context")}]}],
        "tools": [tool(name, i) for i, name in enumerate(TOOLS)], "tool_choice": "auto", "max_completion_tokens": 8192}
    return filled(request, request["messages"][0], "content", size)


CODING_TOOLS = ("agent", "ask", "bash", "edit", "enter_plan", "exit_plan", "glob", "grep", "kill_shell", "list_resources",
                "notebook_edit", "read", "read_resource", "shell_output", "skill", "todo_write", "web_fetch", "web_search")


def coding_agent(size=76_000):
    """The first request of a coding agent in Messages: a system prompt in blocks, 18 tools, marks for the cache."""
    cached = {"cache_control": {"type": "ephemeral"}}
    tools = [tool(name, i)["function"] for i, name in enumerate(CODING_TOOLS)]
    prompt = {"type": "text", "text": "", **cached}
    request = {"model": "gpt-5", "max_tokens": 32000, "metadata": {"user_id": "user_bench_session_1"},
               "system": [{"type": "text", "text": text_of(60, "identity"), **cached}, prompt],
               "tools": [{"name": one["name"], "description": one["description"], "input_schema": one["parameters"]}
                         for one in tools],
               "messages": [{"role": "user", "content": [{"type": "text", "text": text_of(1200, "reminder")},
                                                         {"type": "text", "text": text_of(330, "question"), **cached}]}]}
    return Messages(filled(request, prompt, "text", size))


def filled(request, owner, member, size):
    """The request as JSON, with as long a text in owner[member] as `size` bytes have room for."""
    encode = lambda: json.dumps(request, ensure_ascii=False).encode()
    prompt = text_of(size, "system")
    low, high = 0, size
    while low < high:
        middle = (low + high + 1) // 2
        owner[member] = prompt[:middle]
        low, high = (middle, high) if len(encode()) <= size else (low, middle - 1)
    owner[member] = prompt[:low]
    return encode()


def image(size=1_000_000):
    """A question about a picture that stands in the request."""
    data = base64.b64encode(random.Random("picture").randbytes(size * 3 // 4 - 300)).decode()
    return json.dumps({"model": "gpt-5", "messages": [{"role": "user", "content": [
        {"type": "text", "text": "What is in this picture?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + data}}]}]}).encode()


def http(body, port):
    """The request as clients send it: Chat Completions, unless the body is of another protocol."""
    path, head = getattr(body, "path", "/v1/chat/completions"), getattr(body, "head", "")
    return (f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {KEY}\r\n{head}"
            "accept: application/json\r\nuser-agent: bench\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n").encode() + body
