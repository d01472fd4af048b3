// SPDX-License-Identifier: Apache-2.0
// Names of tools as the COHERE format takes them: letters, digits and _, and no
// digit first.  Other names, "get-weather", get one that does, and find back.
// The same request always gives the same names.  Constant once made: any thread.
#pragma once

#include <gatehouse/chat.hpp>

#include <map>
#include <string>
#include <string_view>

namespace gatehouse::oci {

class CohereNames {
public:
    explicit CohereNames(const ChatRequest& request);

    std::string_view to_cohere(std::string_view name) const;
    std::string_view to_client(std::string_view name) const;

private:
    // Only those that differ.
    std::map<std::string, std::string, std::less<>> theirs_, ours_;
};

}  // namespace gatehouse::oci
