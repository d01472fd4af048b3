// SPDX-License-Identifier: Apache-2.0
// The emulator's reader of signed requests, a field a line: what cannot be a signature of a
// known key is never taken for one, and a refusal says why.
#include "tests/fuzz/fuzz.hpp"

#include "tools/oci_emulator/http_date.hpp"
#include "tools/oci_emulator/signature_check.hpp"

using namespace gatehouse;
using namespace gatehouse::emulator;
using namespace gatehouse::fuzz;

namespace {

/// Signatures of this key cannot be made, because its private key is unknown.
KeyPointer anybodys_key() {
    static const KeyPointer key = new_rsa_key();
    return key;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input = text_of(data, size);
    http::RequestHead head{.method = "POST", .path = "/20231130/actions/chat"};
    while (!input.empty()) {
        const std::string_view line = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(line.size() + 1, input.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        head.headers.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 1)));
    }
    const auto authorization = read_authorization(head.headers.get("authorization"));
    if (authorization) {
        promise(!authorization->key_id.empty() && !authorization->signature.empty(),
                "a signature is complete");
        for (const std::string& name : authorization->headers)
            promise(!name.empty() && name.find(' ') == std::string::npos, "names are words", name);
        const auto text = signing_string(authorization->headers, head);
        if (text) {
            std::size_t lines = 1;
            for (char c : *text) lines += c == '\n';
            promise(lines >= authorization->headers.size(), "each name has its line", *text);
        }
    } else {
        promise(!authorization.error().message.empty(), "a refusal has a reason");
    }
    (void)parse_http_date(head.headers.get("date"));
    for (const auto mode : {SignatureRules::Mode::strict, SignatureRules::Mode::signature_only}) {
        SignatureRules rules;
        rules.mode = mode;
        const auto known = check_signature(
            head, "{}", [](const std::string&) -> Result<KeyPointer> { return anybodys_key(); }, rules, {});
        promise(!known, "an unsigned request is not accepted as signed");
        promise(!known.error().message.empty(), "a refusal has a reason");
    }
    return 0;
}
