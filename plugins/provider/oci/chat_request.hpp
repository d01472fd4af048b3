// SPDX-License-Identifier: Apache-2.0
// What writing a request has in common in all chat formats: the frame around
// it, optional fields that a model may not get, limits on what schemas may grow
// to, and a note of what the format has no place for.
// A writer is used once, by one thread.
#pragma once

#include "plugins/common/json/extras.hpp"
#include "plugins/provider/oci/chat_format.hpp"
#include "plugins/provider/oci/json_schema.hpp"

#include <gatehouse/json_writer.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::oci {

/// Upper case if it is one of `words`, which are upper case, else empty.
std::string_view one_of(std::string_view value, std::initializer_list<std::string_view> words);

/// An error for what a format cannot express, with the client's field.
Error no_place(std::string message, std::string param);

class RequestWriter {
protected:
    RequestWriter(const ChatRequest& request, const Model& model, bool stream);
    ~RequestWriter() = default;

    /// What no format can express.
    Result<void> check() const;

    /// Up to `apiFormat`, with the members of the format to come.
    void open(std::string_view compartment_id, std::string_view api_format);
    /// The end, and what of the request is in no format.
    Written close();

    /// Writes the key of `field`, unless this model is not to get it.
    bool begin(RequestField field, std::string_view name);
    bool begin(RequestField field) { return begin(field, names_of(field).oci); }
    template <typename T>
    void number(RequestField field, const std::optional<T>& value) {
        if (value && begin(field)) json_.value(*value);
    }
    void word(RequestField field, std::string_view value) {
        if (!value.empty() && begin(field)) json_.value(value);
    }
    void raw(RequestField field, const JsonText& value) {
        if (!value.empty() && begin(field)) json_.raw(value.text);
    }

    void write_stream();
    void write_token_limit();
    void write_stop(std::string_view name);

    /// The client's `name` is not sent, and that does not change what is asked.
    void leave_out(std::string_view name);
    void leave_out(bool given, std::string_view name) {
        if (given) leave_out(name);
    }

    /// The indexes of the tools that are functions; none for a model that calls
    /// none.  Tools of other types, which some clients always send, are left out.
    std::vector<std::size_t> functions();
    /// The schema of the tool at `index`, never empty.  Valid until the next is asked for.
    Result<std::string_view> parameters(std::size_t index);
    /// The schema of the response format; empty: none.  Valid as the other.
    Result<std::string_view> response_schema();

    const ChatRequest& request_;
    const Model& model_;
    const bool stream_;
    Written out_;
    JsonWriter json_;
    json::Extras extras_;

private:
    Result<std::string_view> acceptable(const JsonText& schema, bool arguments);

    SchemaBudget budget_;
};

}  // namespace gatehouse::oci
