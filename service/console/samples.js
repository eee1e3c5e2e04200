// Conversations to load, as people type on WhatsApp.

const c = (text) => ({ role: "customer", text });
const a = (text) => ({ role: "agent", text });

export const SAMPLES = [
  {
    lang: "fr", name: "🇫🇷 Délai de remboursement", context: { first_name: "Odile", order_id: "CF-24871093" },
    thread: [c("bjr j'ai renvoyé ma bouilloire"), c("vous l'avez recue hier, le remboursement arrive quand sur ma carte ?")],
  },
  {
    lang: "fr", name: "🇫🇷 Colis en retard", context: { first_name: "Karim" },
    thread: [
      c("Bonjour, ma friteuse Zéphyr devait arriver il y a 8 jours ouvrés et toujours rien"),
      a("Bonjour, Maëlle de Cerfeuil. Je regarde tout de suite, quel est le numéro de commande ?"),
      c("CF-24871093"),
      a("Merci. Le dernier scan du colis date d’il y a 6 jours, à l’agence de Poitiers."),
      c("donc il est perdu ? vous faites quoi dans ce cas"),
    ],
  },
  {
    lang: "fr", name: "🇫🇷 Livraison d’un lave-linge", context: { first_name: "Inès", order_id: "CF-30115528" },
    thread: [c("slt la livraison d'un lave linge ça coute combien ? et vous reprenez l'ancien ?")],
  },
  { lang: "fr", name: "🇫🇷 Merci, bonne soirée", context: {}, thread: [c("merci bcp bonne soirée 👍")] },
  { lang: "fr", name: "🇫🇷 Hors sujet", context: {}, thread: [c("vous pouvez me réserver un billet de train pour Lyon demain ?")] },
  {
    lang: "en", name: "🇬🇧 Change of mind", context: { first_name: "Grace" },
    thread: [c("hi, I changed my mind about the Alizé air purifier"), c("how many days do I have to send it back, and is it free?")],
  },
  {
    lang: "en", name: "🇬🇧 Damaged on arrival", context: { first_name: "Tom", order_id: "CF-28830417" },
    thread: [c("the coffee machine arrived this morning with a broken tank 😡 which photos do you need?")],
  },
  {
    lang: "es", name: "🇪🇸 Seguimiento", context: { first_name: "Lucía" },
    thread: [c("hola, el enlace de seguimiento no funciona"), c("cuándo se activa?")],
  },
  { lang: "es", name: "🇪🇸 Envío a España", context: {}, thread: [c("buenas! cuánto cuesta el envío a Valencia y cuánto tarda?")] },
];
