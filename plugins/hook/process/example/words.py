#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# A hook in Python: refuses requests that contain a word, and masks the word in responses.
import json
import sys

word = ""
held = {}  # by request, channel and choice: the end of the text, which may be the begin of the word


def mask(key, text, is_end):
    text = (held.pop(key, "") + text).replace(word, "*" * len(word))
    keep = 0 if is_end else max((n for n in range(1, len(word)) if text.endswith(word[:n])), default=0)
    if keep:
        held[key] = text[-keep:]
    return text[:len(text) - keep]


def reply_to(call):
    global word
    kind, request = call["call"], call.get("id")
    if kind == "describe":
        keys = [{"name": "word", "required": True, "doc": "The word to refuse."}]
        return {"name": "words", "version": "1.0.0", "keys": keys}
    if kind == "start":
        word = call["config"]["settings"]["word"]
    if kind == "request" and word in call["text"]:
        return {"error": {"message": "the request contains a word that is not allowed", "code": "word"}}
    if kind in ("text", "flush"):
        return {"text": mask((request, call["channel"], call["choice"]), call.get("text", ""), kind == "flush")}
    if kind in ("attempt", "end"):
        for key in [key for key in held if key[0] == request]:
            del held[key]
    return {}


for line in sys.stdin:
    print(json.dumps(reply_to(json.loads(line))), flush=True)
