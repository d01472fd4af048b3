// SPDX-License-Identifier: Apache-2.0
#include "core/request/private_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace gatehouse::core;

namespace {

struct Row {
    std::string_view text, left;
};

void check(const std::vector<Row>& rows, const PrivateText& what = {}) {
    for (const auto& [text, left] : rows) {
        CHECK(without_private(text, what) == left);
    }
}

}  // namespace

TEST_CASE("ids of cloud resources are removed, also inside other words' punctuation") {
    for (const auto& [text, left] : std::vector<Row>{
             {"no compartment ocid1.compartment.oc1..aaaaexample, check it", "no compartment [id], check it"},
             {"OCID1.Tenancy.OC1..AAAA", "[id]"},
             {"\"ocid1.generativeaiendpoint.oc1.us-chicago-1.amaaaa\"", "\"[id]\""},
             {"key ocid1.tenancy.oc1..a/ocid1.user.oc1..b/12:34", "key [id]/[id]/12:34"},
             {"(id=ocid1.user.oc1..b).", "(id=[id])."},
             {"arn:aws:bedrock:us-east-1:123456789012:model/x is unknown", "[id] is unknown"},
             {"the ocid of a project", "the ocid of a project"},
             {"lacocid1.x", "lacocid1.x"},
             {"", ""}}) {
        CHECK(without_ids(text) == left);
    }
}

TEST_CASE("URLs of inner hosts are removed, and those of public hosts stay") {
    check(
        {{"cannot reach http://10.0.3.7:8000/v1/chat.", "cannot reach [url]."},
         {"see https://vllm-7.ml.svc.cluster.local/v1?a=b", "see [url]"},
         {"proxy https://user:pw@api.example.com/x", "proxy [url]"},
         {"POST https://gpu-7.corp.example.com:8443/v1 failed", "POST [url] failed"},
         {"unix:///var/run/model.sock and grpc://model:50051", "[url] and [url]"},
         {"file:///srv/model/config", "[url]"},
         {"(https://intranet/help)", "([url])"},
         {"read https://platform.example.com/docs/errors.", "read https://platform.example.com/docs/errors."},
         {"a :// b", "a :// b"}});
    check({{"read https://platform.example.com/docs/x", "read https://platform.example.com/docs/x"},
           {"https://api.example.com/v1/models", "[url]"},
           {"https://gateway2.example.com/v1", "[url]"},
           {"api.example.com refused", "[host] refused"},
           {"https://docs.other.org/v1", "https://docs.other.org/v1"}},
          {.upstream_host = "api.example.com"});
}

TEST_CASE("names and addresses of inner hosts are removed") {
    check({{"connect to 10.0.3.7:8000 failed", "connect to [host] failed"},
           {"node 192.168.1.20, rack 3", "node [host], rack 3"},
           {"fd00:12::7 is down", "[host] is down"},
           {"localhost:8080", "[host]"},
           {"gpu-7:8000 and db.internal", "[host] and [host]"},
           {"host=model.default.svc.cluster.local;", "host=[host];"},
           {"at 12:30:45 column 2048:17", "at 12:30:45 column 2048:17"},
           {"messages:2048", "messages:2048"},
           {"version 3.1.2", "version 3.1.2"}});
}

TEST_CASE("file paths are removed, and paths of an API stay") {
    check({{"cannot open /app/server/main.py", "cannot open [path]"},
           {"File \"/usr/lib/python3.11/json/decoder.py\", line 355", "File \"[path]\", line 355"},
           {"/opt/model/weights is missing", "[path] is missing"},
           {"C:\\svc\\model\\run.cs:12", "[path]"},
           {"\\\\files\\share\\key", "[path]"},
           {"~/secrets/key: not found", "[path]: not found"},
           {"vllm_engine/llm.py:88 failed", "[path] failed"},
           {"File \"server.py\", line 3", "File \"[path]\", line 3"},
           {"Model.java:88", "[path]"},
           {"path=/etc/ssl/key.pem", "path=[path]"},
           {"unknown path /v1/chat/completions", "unknown path /v1/chat/completions"},
           {"/messages/0/content must be a string", "/messages/0/content must be a string"},
           {"application/json and image/png", "application/json and image/png"},
           {"meta-llama/Llama-3.1-8B at 1/2", "meta-llama/Llama-3.1-8B at 1/2"},
           {"messages[0].content, tools[1].function.name", "messages[0].content, tools[1].function.name"},
           {"/", "/"}});
}

TEST_CASE("a stack trace is cut off") {
    check({{"bad value: Traceback (most recent call last): File \"/a/b.py\"", "bad value"},
           {"no such field at com.example.Model.run(Model.java:88) at x.Y.z(Native Method)", "no such field"},
           {"oops\n    at f (/app/x.js:1:2)\n    at node:internal", "oops"},
           {"oops at X.Y() in C:\\x\\y.cs:line 3", "oops"},
           {"panic: x goroutine 1 [running]: main.f", "panic: x"},
           {"Exception in thread \"main\" java.lang.Error", ""},
           {"invalid JSON at body (line:3)", "invalid JSON at body (line:3)"},
           {"must be at most 7 (/srv/model/config.json)", "must be at most 7 ([path])"},
           {"x at async run (/app/x.mjs:1:2)", "x"},
           {"x at new Model (/app/x.mjs:1:2)", "x"},
           {"x at Object.<anonymous> (/app/x.js:1:2)", "x"},
           {"at most 5 (five) at once", "at most 5 (five) at once"}});
}

TEST_CASE("texts that the client has sent stay, ids excepted") {
    const auto known = [](std::string_view text) {
        return std::string_view("http://10.0.0.9/cat.png /etc/hosts localhost:80 ocid1.a.b").find(text) !=
               std::string_view::npos;
    };
    check({{"cannot load http://10.0.0.9/cat.png", "cannot load http://10.0.0.9/cat.png"},
           {"\"/etc/hosts\" is wrong", "\"/etc/hosts\" is wrong"},
           {"localhost:80", "localhost:80"},
           {"http://10.0.0.8/cat.png", "[url]"},
           {"model ocid1.a.b", "model [id]"}},
          {.known = known});
}
