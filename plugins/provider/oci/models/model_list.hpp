// SPDX-License-Identifier: Apache-2.0
// The service's models, from its control plane (PROTOCOL.md, sections 1.4 and 1.5): the model discovery,
// the dedicated endpoints, the imported models and the list of models, each page by page.  A list that
// the service refuses is left out, except the list of models.  Models that cannot be used are omitted.
#pragma once

#include "plugins/provider/oci/oci_exchange.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::oci {

/// One thread at a time.
class ModelList final : public OciExchange {
public:
    /// REQUIRES: `service` outlives the exchange.
    explicit ModelList(Service& service);

    Result<std::optional<http::Request>> request() override;
    Result<void> end(EventSink& events) override;
    Result<std::optional<http::Request>> next() override;

private:
    /// In the order of the requests.
    enum class List { discovery, endpoints, imported, models, end };

    Result<void> on_end(EventSink& events) override;
    http::Request page(const std::string& token);
    bool has_next_page() const;

    void read_discovery(dom::object item);
    void read_model(dom::object item);
    void read_endpoint(dom::object item);
    void read_imported(dom::object item);
    void add(ModelInfo info, const std::shared_ptr<const ModelFacts>& facts);
    void emit_all(EventSink& events);

    List list_ = List::discovery;
    std::set<std::string> pages_;  // tokens of the requested pages
    std::set<std::string> names_;  // models that were added
    std::vector<ModelInfo> models_;
    std::map<std::string, std::shared_ptr<const ModelFacts>, std::less<>> discovered_;  // by model id
    std::vector<std::pair<std::string, std::int64_t>> endpoints_;  // active ones: OCID and time of creation
    Listed::Entries seen_;
};

}  // namespace gatehouse::oci
