// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/c_bridge/description.hpp"

#include "plugins/common/upstream/text.hpp"

namespace gatehouse::c_bridge {

Description read_description(std::string_view json) {
    std::string text(json);
    const upstream::Tree tree = parse(text, "its description");
    Members members(tree.root(), "its description");
    Description out;
    read_described(members, out);
    if (members.find("request_id_header"))
        out.request_id_header = name_in(members, "request_id_header", "_-", "the name of a header");
    if (!members.find("operations")) {
        out.chat = true;
    } else {
        for (const std::string& word : strings_in(members, "operations")) {
            bool* known = word == "chat"     ? &out.chat
                          : word == "embed"  ? &out.embed
                          : word == "rerank" ? &out.rerank
                          : word == "models" ? &out.models
                                             : nullptr;
            if (!known)
                members.wrong("operations",
                              "made of chat, embed, rerank and models, not " + upstream::in_quotes(word));
            *known = true;
        }
    }
    members.finish();
    return out;
}

}  // namespace gatehouse::c_bridge
