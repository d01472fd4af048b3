# SPDX-License-Identifier: Apache-2.0
"""The requests: as small as a question, as large as an agent's first turn, as
large as a picture.  The same bytes in every run, for every gateway."""
import base64
import json
import random

KEY = "sk-bench"


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
    return body(("Why is the sky blue, and why is it red in the evening? " * 8)[:max(room, 1)])


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
    encode = lambda: json.dumps(request, ensure_ascii=False).encode()
    prompt = text_of(size, "system")
    low, high = 0, size
    while low < high:  # as long a prompt as there is room for
        middle = (low + high + 1) // 2
        request["messages"][0]["content"] = prompt[:middle]
        low, high = (middle, high) if len(encode()) <= size else (low, middle - 1)
    request["messages"][0]["content"] = prompt[:low]
    return encode()


def image(size=1_000_000):
    """A question about a picture that stands in the request."""
    data = base64.b64encode(random.Random("picture").randbytes(size * 3 // 4 - 300)).decode()
    return json.dumps({"model": "gpt-5", "messages": [{"role": "user", "content": [
        {"type": "text", "text": "What is in this picture?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + data}}]}]}).encode()


def http(body, port):
    """The request as clients send it."""
    return (f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {KEY}\r\n"
            "accept: application/json\r\nuser-agent: bench\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n").encode() + body
